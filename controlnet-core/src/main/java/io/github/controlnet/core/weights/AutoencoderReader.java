package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.models.Vae;
import io.github.controlnet.core.tensors.Shapes;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.KlAutoencoderSpec;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads the sizes of an autoencoder from its canonical names and shapes. */
final class AutoencoderReader {
  private AutoencoderReader() {}

  /**
   * Reads the autoencoder of a model.
   *
   * @param usual how latents are written down where the model's configuration does not say
   */
  static AutoencoderSpec read(ModelFiles files, LatentFormat usual) {
    return read(
        files.what(Role.AUTOENCODER),
        files.weights(Role.AUTOENCODER),
        files.config().autoencoder(),
        usual);
  }

  static AutoencoderSpec read(
      String what, WeightSource weights, AutoencoderSettings settings, LatentFormat usual) {
    Shapes shapes = new Shapes(what, weights);
    return shapes.hasAny("decoder.layers.") || shapes.hasAny("encoder.layers.")
        ? new TinyAutoencoderReader(what, shapes).read(settings, usual)
        : large(what, shapes, settings, usual);
  }

  /** Refuses what nobody means. */
  static void requireLevels(String what, int levels) {
    if (levels > 16) {
      throw new WeightsException("%s has %d levels; expected 16 at most.".formatted(what, levels));
    }
  }

  private static KlAutoencoderSpec large(
      String what, Shapes shapes, AutoencoderSettings settings, LatentFormat usual) {
    settings.require(AutoencoderSettings.LARGE, what);
    int levels = shapes.count("decoder.up_blocks.");
    if (levels == 0) {
      throw new WeightsException(
          "%s has no decoder.up_blocks; expected an autoencoder's decoder.".formatted(what));
    }
    requireLevels(what, levels);
    List<Integer> widths = new ArrayList<>();
    int residuals = shapes.count("decoder.up_blocks.0.resnets.") - 1;
    for (int i = 0; i < levels; i++) {
      widths.add(shapes.side("decoder.up_blocks." + i + ".resnets.0.conv1.weight", 4, 0));
    }
    Collections.reverse(widths);
    boolean hasEncoder = shapes.hasAny("encoder.");
    if (hasEncoder && shapes.count("encoder.down_blocks.") != levels) {
      throw new WeightsException(
          "%s has %d levels in its encoder and %d in its decoder; expected as many."
              .formatted(what, shapes.count("encoder.down_blocks."), levels));
    }
    int groups = settings.groups(widths);
    for (int width : widths) {
      if (width % groups != 0) {
        throw new WeightsException(
            ("%s has a level of %d channels, which cannot be normed in %d groups."
                    + " Give its config.json with the right norm_num_groups.")
                .formatted(what, width, groups));
      }
    }
    KlAutoencoderSpec architecture =
        new KlAutoencoderSpec(
            shapes.side("decoder.conv_out.weight", 4, 0),
            settings.latents(shapes.side("decoder.conv_in.weight", 4, 1), levels, usual),
            widths,
            residuals,
            groups,
            hasEncoder);
    shapes.require(Vae.shapes(architecture), false);
    return architecture;
  }
}
