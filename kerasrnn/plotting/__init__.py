"""Pictures of data, of models and what goes on inside, of what was learned and is answered.

Each function returns a matplotlib `Figure`, which is shown only where the caller shows it.
Importing this package loads matplotlib.
"""

from kerasrnn.plotting.accuracy_by_length import accuracy_by_length
from kerasrnn.plotting.attended_text import attended_text
from kerasrnn.plotting.attention_heatmap import attention_heatmap, attention_heatmaps
from kerasrnn.plotting.coloured_text import tagged_text
from kerasrnn.plotting.confusion_heatmap import confusion_matrix
from kerasrnn.plotting.film_strip import film_strip
from kerasrnn.plotting.fonts import can_draw, can_show
from kerasrnn.plotting.forecast_curve import forecast_curve
from kerasrnn.plotting.gate_heatmaps import gates, hidden_states
from kerasrnn.plotting.gradient_lines import gradient_norms
from kerasrnn.plotting.image_attention import attention_over_image
from kerasrnn.plotting.learning_curve import learning_curve
from kerasrnn.plotting.lengths import length_histogram
from kerasrnn.plotting.ngram_orders import ngram_orders
from kerasrnn.plotting.perplexities import interpolation_curve, perplexity_bars
from kerasrnn.plotting.predictions.figures_by_horizon import figures_by_horizon
from kerasrnn.plotting.predictions.label_scores import label_scores
from kerasrnn.plotting.predictions.predicted_scatter import predicted_scatter
from kerasrnn.plotting.recall import recall_curves
from kerasrnn.plotting.threshold_curve import threshold_curve
from kerasrnn.plotting.topology import topology
from kerasrnn.plotting.vector_map import principal_components, word_vectors

__all__ = [
    "accuracy_by_length",
    "attended_text",
    "attention_heatmap",
    "attention_heatmaps",
    "attention_over_image",
    "can_draw",
    "can_show",
    "confusion_matrix",
    "figures_by_horizon",
    "film_strip",
    "forecast_curve",
    "gates",
    "gradient_norms",
    "hidden_states",
    "interpolation_curve",
    "label_scores",
    "learning_curve",
    "length_histogram",
    "ngram_orders",
    "perplexity_bars",
    "predicted_scatter",
    "principal_components",
    "recall_curves",
    "tagged_text",
    "threshold_curve",
    "topology",
    "word_vectors",
]
