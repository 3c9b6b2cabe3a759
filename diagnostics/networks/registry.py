"""The networks, in the order in which pages offer them.

To add one: write a module with ``build`` in this folder and list its card here. The
wizard, the checks and the contract tests follow from the list.
"""

from __future__ import annotations

from diagnostics.architectures.architecture import read_architecture
from diagnostics.training.card import Card, Family, Parameter, Text
from diagnostics.training.heads import SEVERITY, SPEED

_DROPOUT = Parameter(
    "dropout", "Dropout", 0.2, 0.0, 0.9, "Share of features hidden at random while training."
)
_BLOCKS = Parameter("blocks", "Blocks", 4, 1, 5, "Convolution blocks after the first layer.")
_WIDTH = Parameter("width", "Filters", 16, 4, 128, "In the first layer; doubled twice.")
_HEADS = Parameter("heads", "Heads", 4, 1, 16, "Comparisons that each layer makes side by side.")
_HEAD_WIDTH = Parameter(
    "head_width", "Width of a head", 16, 4, 64, "A token has this times the heads as numbers."
)
_DEPTH = Parameter("depth", "Layers", 3, 1, 8, "Layers of self-attention.")

_LAST_BLOCK = "The maps of the last convolution block."
_LAST_STAGE = "The maps of the last residual stage."
_TOKENS = (
    "The tokens behind the last layer. Each has asked all others, so what it says may have been"
    " seen elsewhere in the window."
)

_HE = "K. He et al., Deep Residual Learning for Image Recognition, CVPR 2016"

NETWORKS: tuple[Card, ...] = (
    Card(
        "cnn1d",
        "1-D CNN",
        "A wide first filter and a few convolution blocks on the raw waveform. Small and quick:"
        " a good first network for bearing faults.",
        Family.NETWORK,
        "diagnostics.networks.cnn1d",
        (
            _WIDTH,
            _BLOCKS,
            Parameter("kernel", "First filter", 64, 8, 512, "Length of the first filter, samples."),
            _DROPOUT,
        ),
        source="W. Zhang et al., A New Deep Learning Model for Fault Diagnosis with Good"
        " Anti-Noise and Domain Adaptation Ability on Raw Vibration Signals, Sensors 17, 2017",
        explained=_LAST_BLOCK,
    ),
    Card(
        "attention_cnn",
        "Attention CNN",
        "The 1-D CNN with learned weights over time in place of a mean, so that a single impact"
        " in a window is not averaged away.",
        Family.NETWORK,
        "diagnostics.networks.attention_cnn",
        (
            _WIDTH,
            _BLOCKS,
            Parameter("hops", "Hops", 4, 1, 16, "Sets of weights over time."),
            _DROPOUT,
        ),
        source="Z. Lin et al., A Structured Self-attentive Sentence Embedding, ICLR 2017",
        explained=f"{_LAST_BLOCK} The attention weighs them.",
    ),
    Card(
        "multi_scale_cnn",
        "Multi-scale CNN",
        "First filters of three lengths side by side: short ones for impacts, long ones for tones"
        " that lie close together.",
        Family.NETWORK,
        "diagnostics.networks.multi_scale_cnn",
        (
            Parameter("width", "Filters", 8, 4, 64, "Of each length; doubled twice."),
            _BLOCKS,
            Parameter(
                "kernel",
                "Longest filter",
                256,
                32,
                1024,
                "In samples, made odd; the others have a fourth and a sixteenth of it.",
            ),
            _DROPOUT,
        ),
        source="W. Huang et al., An improved deep convolutional neural network with multi-scale"
        " information for bearing fault diagnosis, Neurocomputing 359, 2019",
        explained=_LAST_BLOCK,
    ),
    Card(
        "cnn_lstm",
        "CNN-LSTM",
        "Convolutions find short patterns, a recurrent layer reads them in their order, forwards"
        " and backwards. Slower on long windows, since it reads one step after another.",
        Family.NETWORK,
        "diagnostics.networks.cnn_lstm",
        (
            _WIDTH,
            _BLOCKS,
            Parameter("hidden", "Memory", 64, 8, 256, "Numbers remembered in each direction."),
            _DROPOUT,
        ),
        source="H. Pan et al., An Improved Bearing Fault Diagnosis Method using One-Dimensional"
        " CNN and LSTM, Strojniški vestnik 64, 2018",
        explained=f"{_LAST_BLOCK} The recurrent layer reads them.",
    ),
    Card(
        "resnet18",
        "ResNet-18 (1-D)",
        "Eight residual blocks with shortcuts. Learns finer patterns from more data, at many"
        " times the work of the 1-D CNN.",
        Family.NETWORK,
        "diagnostics.networks.resnet18",
        (
            Parameter("width", "Filters", 64, 8, 128, "In the first stage; doubled at each next."),
            _DROPOUT,
        ),
        source=_HE,
        explained=_LAST_STAGE,
    ),
    Card(
        "resnet34",
        "ResNet-34 (1-D)",
        "Sixteen residual blocks. Begins with half the filters of the paper, 64, to train on a"
        " processor without a graphics card.",
        Family.NETWORK,
        "diagnostics.networks.resnet34",
        (
            Parameter("width", "Filters", 32, 8, 128, "In the first stage; doubled at each next."),
            _DROPOUT,
        ),
        source=_HE,
        explained=_LAST_STAGE,
    ),
    Card(
        "se_resnet18",
        "SE-ResNet-18 (1-D)",
        "ResNet-18 that weighs the features of each block by what the whole window holds. Begins"
        " with half the filters of the paper, 64.",
        Family.NETWORK,
        "diagnostics.networks.se_resnet18",
        (
            Parameter("width", "Filters", 32, 8, 128, "In the first stage; doubled at each next."),
            Parameter(
                "reduction",
                "Reduction",
                16,
                1,
                64,
                "How much narrower the weighing layers are, 8 numbers at least.",
            ),
            _DROPOUT,
        ),
        source="J. Hu, L. Shen and G. Sun, Squeeze-and-Excitation Networks, CVPR 2018",
        explained=_LAST_STAGE,
    ),
    Card(
        "inception_time",
        "InceptionTime",
        "Filters of three lengths in every layer, with shortcuts. One network, where the paper"
        " lets five vote, behind a first layer that lowers the rate.",
        Family.NETWORK,
        "diagnostics.networks.inception_time",
        (
            Parameter("filters", "Filters", 16, 4, 64, "Of each length in each layer."),
            Parameter("depth", "Layers", 6, 1, 12, "A shortcut goes around every three."),
            Parameter(
                "kernel", "Longest filter", 40, 8, 128, "Made odd; the others: a half, a fourth."
            ),
            Parameter(
                "step",
                "First step",
                8,
                1,
                32,
                "Samples that the first layer steps over. 1 is as in the paper, and takes eight"
                " times the memory and time.",
            ),
            _DROPOUT,
        ),
        source="H. Ismail Fawaz et al., InceptionTime: Finding AlexNet for time series"
        " classification, Data Mining and Knowledge Discovery 34, 2020",
        explained="The maps behind the last shortcut.",
    ),
    Card(
        "patchtst",
        "PatchTST",
        "A transformer that reads each channel by itself in patches that overlap by half; only"
        " the last layer sees the channels together.",
        Family.NETWORK,
        "diagnostics.networks.patchtst",
        (
            Parameter("patch", "Patch", 128, 32, 512, "Samples that become one token."),
            _DEPTH,
            _HEADS,
            _HEAD_WIDTH,
            _DROPOUT,
        ),
        source="Y. Nie et al., A Time Series is Worth 64 Words: Long-term Forecasting with"
        " Transformers, ICLR 2023",
        explained=_TOKENS,
    ),
    Card(
        "signal_transformer",
        "Signal transformer",
        "Two convolutions make one token of every 64 samples of all channels; self-attention"
        " compares what happened at different times.",
        Family.NETWORK,
        "diagnostics.networks.signal_transformer",
        (_DEPTH, _HEADS, _HEAD_WIDTH, _DROPOUT),
        source="A. Vaswani et al., Attention Is All You Need, NeurIPS 2017; T. Xiao et al., Early"
        " Convolutions Help Transformers See Better, NeurIPS 2021",
        explained=_TOKENS,
    ),
    Card(
        "spectrogram_cnn",
        "Spectrogram CNN",
        "Computes the logarithm of a spectrogram itself and runs 2-D convolutions over it; where"
        " a tone lies in frequency counts, when it sounds does not.",
        Family.NETWORK,
        "diagnostics.networks.spectrogram_cnn",
        (
            Parameter(
                "hop", "Hop", 64, 16, 256, "Samples from frame to frame; a frame has four times it."
            ),
            Parameter("width", "Filters", 8, 4, 64, "In the first block; doubled at each next."),
            Parameter("blocks", "Blocks", 3, 1, 4, "Convolution blocks; each halves the bins."),
            _DROPOUT,
        ),
        source="D. Verstraete et al., Deep Learning Enabled Fault Diagnosis Using Time-Frequency"
        " Image Analysis of Rolling Element Bearings, Shock and Vibration, 2017",
        explained="The maps over time behind the layer that takes all frequencies together.",
    ),
    Card(
        "multitask",
        "Multitask CNN",
        "One 1-D CNN with three heads: the fault, its severity from 0 to 1, and the speed of the"
        " shaft. A recording that does not say its severity or speed teaches the other heads.",
        Family.NETWORK,
        "diagnostics.networks.multitask",
        (
            _WIDTH,
            _BLOCKS,
            Parameter("kernel", "First filter", 64, 8, 512, "Length of the first filter, samples."),
            Parameter(
                "severity_weight",
                "Weight of the severity",
                0.5,
                0.0,
                10.0,
                "Of its error in the loss; that of the fault has 1. 0 switches the head off.",
            ),
            Parameter(
                "speed_weight",
                "Weight of the speed",
                0.5,
                0.0,
                10.0,
                "Of its error in the loss; that of the fault has 1. 0 switches the head off.",
            ),
            _DROPOUT,
        ),
        source="R. Caruana, Multitask Learning, Machine Learning 28, 1997; S. Ruder, An Overview of"
        " Multi-Task Learning in Deep Neural Networks, arXiv:1706.05098, 2017",
        explained=f"{_LAST_BLOCK} For the fault only.",
        heads=(SEVERITY, SPEED),
    ),
    Card(
        "searched",
        "Network from parts",
        "A stem and three to ten stages of convolutions, written down in one line. A search of"
        " architectures finds such lines; one can be written by hand too.",
        Family.NETWORK,
        "diagnostics.networks.searched",
        (_DROPOUT,),
        source="B. Zoph et al., Learning Transferable Architectures for Scalable Image Recognition,"
        " CVPR 2018; E. Real et al., Regularized Evolution for Image Classifier Architecture"
        " Search, AAAI 2019",
        explained="The maps of the last stage.",
        texts=(
            Text(
                "architecture",
                "Architecture",
                "stem k31 s8 w16 > conv7 w32 max > conv5+skip w32 max > separable5 w64",
                lambda given: read_architecture(given).text,
                "The stem with kernel (k), stride (s) and width (w); behind each “>” a stage: what"
                " is added (conv, separable, dilated with a kernel of 3, 5, 7 or 15; skip), its"
                " width, “se” for squeeze-and-excitation, “max” or “mean” to halve the rate.",
            ),
        ),
    ),
)
