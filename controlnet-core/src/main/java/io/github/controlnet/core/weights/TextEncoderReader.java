package io.github.controlnet.core.weights;

import io.github.controlnet.core.models.ClipText;
import io.github.controlnet.core.tensors.Shapes;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.TextEncoderSpec.Activation;
import io.github.controlnet.engine.WeightNames;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;

/** Reads the sizes of a CLIP text model from its canonical names and shapes. */
final class TextEncoderReader {
  private static final int HEAD_CHANNELS = 64;

  private TextEncoderReader() {}

  static TextEncoderSpec read(String what, WeightSource weights, ConfigNode config) {
    Shapes shapes = new Shapes(what, weights);
    ConfigNode settings =
        config.child("text_config").isPresent() ? config.child("text_config") : config;
    int width = shapes.side(WeightNames.TOKEN_EMBEDDING, 2, 1);
    int layers = shapes.count("encoder.layers.");
    if (layers == 0) {
      throw new WeightsException(
          "%s has no encoder.layers; expected a CLIP text model.".formatted(what));
    }
    int heads = settings.count("num_attention_heads").orElse(Math.max(1, width / HEAD_CHANNELS));
    if (width % heads != 0) {
      throw new WeightsException(
          ("%s has a width of %d, which cannot be split into %d attention heads."
                  + " Give its config.json with the right num_attention_heads.")
              .formatted(what, width, heads));
    }
    TextEncoderSpec architecture =
        new TextEncoderSpec(
            shapes.side(WeightNames.TOKEN_EMBEDDING, 2, 0),
            shapes.side(WeightNames.POSITION_EMBEDDING, 2, 0),
            width,
            layers,
            heads,
            shapes.side("encoder.layers.0.mlp.fc1.weight", 2, 0),
            activation(settings),
            settings.positive("layer_norm_eps").orElse(1e-5));
    shapes.require(ClipText.shapes(architecture), false);
    return architecture;
  }

  private static Activation activation(ConfigNode config) {
    String name = config.text("hidden_act").orElse("quick_gelu");
    return switch (name) {
      case "quick_gelu" -> Activation.QUICK_GELU;
      case "gelu" -> Activation.GELU;
      default -> throw config.unsupported("hidden_act", name, "quick_gelu or gelu");
    };
  }
}
