package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.files.PositionalFile;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.tensors.MappedWeights;
import io.github.controlnet.core.tensors.SummedWeights;
import io.github.controlnet.core.tensors.SummedWeights.Term;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * The weights of a control (a ControlNet), from an original file with or without prefix, a merged
 * 1.0 file, or diffusers' folder or file. Reads names and shapes when opened, values when asked;
 * may be used by several threads.
 */
public final class ControlWeights implements AutoCloseable {
  private final ModelFiles files;
  private final boolean owned;
  private final Optional<BaseUNet> base;
  private final Family family;
  private final ControlNetSpec architecture;
  private final String poolingReason;

  private ControlWeights(ModelFiles files, Optional<BaseUNet> base, boolean owned) {
    this.files = files;
    this.owned = owned;
    this.base = base;
    MappedWeights weights = files.weights(Role.CONTROL);
    this.family = files.family(Role.CONTROL);
    UNetSettings settings = files.config().control();
    boolean pooling;
    if (settings.globalPooling().isPresent()) {
      pooling = settings.globalPooling().get();
      poolingReason = "said by " + settings.source();
    } else {
      pooling = isPublishedShuffle(files.path());
      poolingReason =
          pooling
              ? "assumed from the published name of the shuffle control"
              : "not said by any configuration";
    }
    this.architecture =
        new UNetReader(
                files.what(Role.CONTROL), weights, settings, base.map(BaseUNet::specification))
            .control(family, pooling);
  }

  static ControlWeights of(ModelFiles files, Optional<BaseUNet> base, boolean owned) {
    return new ControlWeights(files, base, owned);
  }

  /**
   * The weights cannot tell, and the published file comes without its YAML more often than with.
   */
  private static boolean isPublishedShuffle(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    return PositionalFile.nameOf(absolute).contains("sd15_shuffle")
        || (parent != null && PositionalFile.nameOf(parent).contains("sd15_shuffle"));
  }

  /**
   * Opens a control.
   *
   * @param path a file of any supported format, or a diffusers folder
   * @param config what the weights do not tell: diffusers-style JSON or the original's YAML;
   *     without it, what lies beside the weights, else Stable Diffusion's values
   * @return the open weights; the caller closes them
   * @throws WeightsException when the file is missing, damaged, unsafe, incomplete or no control
   */
  public static ControlWeights open(Path path, Optional<Path> config) {
    return open(path, config, Optional.empty());
  }

  /**
   * Opens a control for a base: where neither a configuration nor the weights tell the number of
   * heads and groups, they are the base's, provided that the levels are as wide. A file of
   * differences to a base has the base's weights added when it is read.
   *
   * @param path a file of any supported format, or a diffusers folder
   * @param config what the weights do not tell: diffusers-style JSON or the original's YAML
   * @param base the U-Net that it will control, open as long as the control is read
   * @return the open weights; the caller closes them
   * @throws WeightsException when the file is missing, damaged, unsafe, incomplete or no control
   */
  public static ControlWeights open(Path path, Optional<Path> config, Optional<BaseUNet> base) {
    config.ifPresent(ControlWeights::requireOfControl);
    ModelFiles files = ModelFiles.open(path, config, EnumSet.of(Role.CONTROL));
    try {
      files.requireUsable();
      if (!files.has(Role.CONTROL)) {
        throw new WeightsException(
            "%s is not a control: it has %s. Give a ControlNet's file or folder."
                .formatted(path, Descriptions.contents(files)));
      }
      if (files.isDifference() && base.isEmpty()) {
        throw isDifference(path);
      }
      return new ControlWeights(files, base, true);
    } catch (Throwable e) {
      Closing.closeAfter(e, files);
      throw e;
    }
  }

  private static void requireOfControl(Path config) {
    ConfigFiles told = ConfigFiles.read(config);
    if (!told.tells(Role.CONTROL) && !told.tells(Role.UNET)) {
      throw new WeightsException(
          "%s is the configuration of the %s; a control takes that of a control or of a U-Net."
              .formatted(config, told.subjects()));
    }
  }

  private static WeightsException isDifference(Path path) {
    return new WeightsException(
        "%s holds differences to a base's weights (it has the tensor \"difference\"); it can be used only together with that base."
            .formatted(path));
  }

  /**
   * Returns the family that it is made for.
   *
   * @return the family by its shapes
   */
  public Family family() {
    return family;
  }

  /**
   * Returns its sizes.
   *
   * @return the sizes
   */
  public ControlNetSpec architecture() {
    return architecture;
  }

  /**
   * Returns its weights.
   *
   * @return exactly the tensors of {@link ControlNet#shapes(ControlNetSpec)}
   */
  public WeightSource weights() {
    WeightSource stored = files.weights(Role.CONTROL);
    if (!files.isDifference()) {
      return stored;
    }
    BaseUNet unet = base.orElseThrow(() -> isDifference(files.path()));
    return new SummedWeights(stored, List.of(new Term("the base", unet.weights(), 1)));
  }

  /**
   * Tells what decided on {@link ControlNetSpec#globalPooling()}, which no weights tell.
   *
   * @return words that continue a sentence
   */
  public String globalPoolingReason() {
    return poolingReason;
  }

  /** Closes the files, unless they belong to a base. Closing twice does nothing. */
  @Override
  public void close() {
    if (owned) {
      files.close();
    }
  }
}
