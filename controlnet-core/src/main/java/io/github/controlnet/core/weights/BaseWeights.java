package io.github.controlnet.core.weights;

import io.github.controlnet.WeightsException;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.text.ClipTokenizer;
import io.github.controlnet.spi.engine.AutoencoderSpec;
import io.github.controlnet.spi.engine.TextEncoderSpec;
import io.github.controlnet.spi.engine.UNetSpec;
import io.github.controlnet.spi.engine.WeightSource;
import io.github.controlnet.spi.scheduler.NoiseSchedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * The weights of a base model: text encoder, U-Net and autoencoder, from a diffusers folder or an
 * original single file. Reads names and shapes when opened, values when asked; may be used by
 * several threads. The weight sources work until this is closed.
 */
public final class BaseWeights implements AutoCloseable {
  private final ModelFiles files;
  private final ModelFamily family;
  private final UNetSpec unet;
  private final TextEncoderSpec textEncoder;
  private final AutoencoderSpec autoencoder;
  private final NoiseSchedule noiseSchedule;
  private final int nativeSize;
  private final Optional<ControlWeights> control;

  private BaseWeights(ModelFiles files, ModelFamily family) {
    this.files = files;
    this.family = family;
    ConfigFiles config = files.config();
    UNetSettings settings = config.unet();
    this.unet =
        new UNetReader(files.what(Part.UNET), files.weights(Part.UNET), settings).unet(family);
    this.textEncoder =
        TextEncoderReader.read(
            files.what(Part.TEXT_ENCODER), files.weights(Part.TEXT_ENCODER), config.textEncoder());
    this.autoencoder =
        AutoencoderReader.read(
            files.what(Part.AUTOENCODER), files.weights(Part.AUTOENCODER), config.autoencoder());
    this.noiseSchedule =
        config.original().isPresent()
            ? NoiseScheduleReader.ofOriginal(config.original())
            : NoiseScheduleReader.ofDiffusers(config.scheduler());
    this.nativeSize = Math.multiplyExact(settings.sampleSize().orElse(64), autoencoder.factor());
    this.control =
        files.has(Part.CONTROL)
            ? Optional.of(ControlWeights.of(files, Optional.of(unet), false))
            : Optional.empty();
  }

  /**
   * Opens a base model.
   *
   * @param path a diffusers folder, or an original single file of any supported format
   * @param config what the weights do not tell: diffusers-style JSON, the original's YAML or a
   *     folder of configurations; without it, what lies beside the weights, else Stable Diffusion
   *     1.5's values
   * @return the open weights; the caller closes them
   * @throws WeightsException when the file is missing, damaged, unsafe, incomplete or of a family
   *     that is not supported
   */
  public static BaseWeights open(Path path, Optional<Path> config) {
    ModelFiles files = ModelFiles.open(path, config, EnumSet.allOf(Part.class));
    try {
      ModelFamily family = files.family();
      requireSupported(files, family);
      return new BaseWeights(files, family);
    } catch (Throwable e) {
      Closing.closeAfter(e, files);
      throw e;
    }
  }

  private static void requireSupported(ModelFiles files, ModelFamily family) {
    Path path = files.path();
    if (family == ModelFamily.STABLE_DIFFUSION_2 || family == ModelFamily.STABLE_DIFFUSION_XL) {
      throw new WeightsException(
          "%s is %s, which is not supported yet; use a base model made for %s."
              .formatted(path, family.displayName(), ModelFamily.STABLE_DIFFUSION_1.displayName()));
    }
    List<Part> missing =
        EnumSet.of(Part.TEXT_ENCODER, Part.UNET, Part.AUTOENCODER).stream()
            .filter(part -> !files.has(part))
            .toList();
    if (!missing.isEmpty()) {
      throw new WeightsException(
          "%s is not a whole base model: it has %s, but no %s. Use a whole Stable Diffusion 1.x model."
              .formatted(
                  path,
                  Descriptions.contents(files),
                  String.join(" and no ", missing.stream().map(Part::displayName).toList())));
    }
  }

  /**
   * Returns the family.
   *
   * @return the family by its shapes
   */
  public ModelFamily family() {
    return family;
  }

  /**
   * Returns the text encoder's sizes.
   *
   * @return the sizes
   */
  public TextEncoderSpec textEncoder() {
    return textEncoder;
  }

  /**
   * Returns the text encoder's weights.
   *
   * @return exactly the tensors of {@link ExpectedTensors#of(TextEncoderSpec)}
   */
  public WeightSource textEncoderWeights() {
    return files.weights(Part.TEXT_ENCODER);
  }

  /**
   * Returns the U-Net's sizes.
   *
   * @return the sizes
   */
  public UNetSpec unet() {
    return unet;
  }

  /**
   * Returns the U-Net's weights.
   *
   * @return exactly the tensors of {@link ExpectedTensors#of(UNetSpec)}
   */
  public WeightSource unetWeights() {
    return files.weights(Part.UNET);
  }

  /**
   * Returns the autoencoder's sizes.
   *
   * @return the sizes
   */
  public AutoencoderSpec autoencoder() {
    return autoencoder;
  }

  /**
   * Returns the autoencoder's weights.
   *
   * @return exactly the tensors of {@link ExpectedTensors#of(AutoencoderSpec)}
   */
  public WeightSource autoencoderWeights() {
    return files.weights(Part.AUTOENCODER);
  }

  /**
   * Returns the noise schedule that the model was trained with.
   *
   * @return from its configuration, else Stable Diffusion 1.5's
   */
  public NoiseSchedule noiseSchedule() {
    return noiseSchedule;
  }

  /**
   * Returns the side of the pictures that the model was trained with.
   *
   * @return pixels; 512 for Stable Diffusion 1.5
   */
  public int nativeSize() {
    return nativeSize;
  }

  /**
   * Returns where the tokenizer's files are: {@code tokenizer/} in or beside the model, or the
   * model's own folder.
   *
   * @return a folder with vocab.json and merges.txt, or tokenizer.json, when there is one
   */
  public Optional<Path> tokenizer() {
    Path path = files.path();
    Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    if (folder == null) {
      return Optional.empty();
    }
    return List.of(folder.resolve("tokenizer"), folder).stream()
        .filter(ClipTokenizer::isIn)
        .findFirst();
  }

  /**
   * Returns the control that a merged file (ControlNet 1.0) brings along.
   *
   * @return its weights, which end with this; closing them does nothing
   */
  public Optional<ControlWeights> control() {
    return control;
  }

  /** Closes the files. Closing twice does nothing. */
  @Override
  public void close() {
    files.close();
  }
}
