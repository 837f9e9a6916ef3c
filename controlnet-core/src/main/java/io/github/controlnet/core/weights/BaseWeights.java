package io.github.controlnet.core.weights;

import io.github.controlnet.core.family.Families;
import io.github.controlnet.core.family.Family;
import io.github.controlnet.core.family.Recipe;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.models.ClipText;
import io.github.controlnet.core.models.TinyVae;
import io.github.controlnet.core.models.UNet;
import io.github.controlnet.core.models.Vae;
import io.github.controlnet.core.text.ClipTokenizer;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.IncompatibleModelException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.sampler.NoiseSchedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * The weights of a base model: text encoder, U-Net and autoencoder, from a diffusers folder or an
 * original single file. Reads names and shapes when opened, values when asked; may be used by
 * several threads. The weight sources work until this is closed.
 */
public final class BaseWeights implements AutoCloseable {
  private final Closing resources;
  private final ModelFiles files;
  private final SeparateParts separate;
  private final Family family;
  private final UNetSpec unet;
  private final TextEncoderSpec textEncoder;
  private final WeightSource textEncoderWeights;
  private final AutoencoderSpec autoencoder;
  private final WeightSource autoencoderWeights;
  private final NoiseSchedule noiseSchedule;
  private final int nativeSize;
  private final Optional<ControlWeights> control;

  private BaseWeights(
      Path path, Optional<Path> configFile, SeparateParts separate, Closing resources) {
    this.resources = resources;
    this.separate = separate;
    Optional<ConfigFiles> given = configFile.map(file -> readConfig(file));
    this.files = resources.add(ModelFiles.open(path, configFile, wanted(separate)));
    this.family = files.family();
    requireSupported(files, family, separate);
    ConfigFiles config = files.config();
    UNetSettings settings = config.unet();
    this.unet =
        new UNetReader(files.what(Role.UNET), files.weights(Role.UNET), settings).unet(family);
    if (separate.textEncoder().isPresent()) {
      TextEncoderWeights own =
          resources.add(TextEncoderWeights.open(separate.textEncoder().get(), given));
      this.textEncoder = own.architecture();
      this.textEncoderWeights = own.weights();
    } else {
      this.textEncoder =
          TextEncoderReader.read(
              files.what(Role.TEXT_ENCODER),
              files.weights(Role.TEXT_ENCODER),
              config.textEncoder());
      this.textEncoderWeights = files.weights(Role.TEXT_ENCODER);
    }
    if (separate.autoencoder().isPresent()) {
      AutoencoderWeights own =
          resources.add(
              AutoencoderWeights.open(
                  separate.autoencoder().get(), given, family.defaults().latents()));
      this.autoencoder = own.architecture();
      this.autoencoderWeights = own.weights();
    } else {
      this.autoencoder = AutoencoderReader.read(files, family.defaults().latents());
      this.autoencoderWeights = files.weights(Role.AUTOENCODER);
    }
    requireFitting();
    this.noiseSchedule =
        config.original().isPresent()
            ? NoiseScheduleReader.ofOriginal(config.original())
            : NoiseScheduleReader.ofDiffusers(
                config.scheduler(), family.defaults().noiseSchedule());
    this.nativeSize =
        Math.multiplyExact(
            settings.sampleSize().orElse(family.defaults().latentSide()), autoencoder.factor());
    this.control =
        files.has(Role.CONTROL)
            ? Optional.of(ControlWeights.of(files, Optional.of(baseUNet()), false))
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
    return open(path, config, SeparateParts.NONE);
  }

  /**
   * Opens a base model, some parts of which come from elsewhere. Its own parts of these kinds are
   * left alone and may be absent, incomplete or damaged.
   *
   * @param path a diffusers folder, or an original single file of any supported format
   * @param config what the weights do not tell: diffusers-style JSON, the original's YAML or a
   *     folder of configurations; a component's own configuration goes to that component, wherever
   *     it comes from
   * @param separate the parts that come from elsewhere
   * @return the open weights; the caller closes them
   * @throws WeightsException when a file is missing, damaged, unsafe, incomplete or of a family
   *     that is not supported
   * @throws IncompatibleModelException when the parts do not belong together
   */
  public static BaseWeights open(Path path, Optional<Path> config, SeparateParts separate) {
    return Closing.opening(all -> new BaseWeights(path, config, separate, all));
  }

  private static EnumSet<Role> wanted(SeparateParts separate) {
    EnumSet<Role> wanted = EnumSet.allOf(Role.class);
    separate.autoencoder().ifPresent(path -> wanted.remove(Role.AUTOENCODER));
    separate.textEncoder().ifPresent(path -> wanted.remove(Role.TEXT_ENCODER));
    return wanted;
  }

  private static void requireSupported(ModelFiles files, Family family, SeparateParts separate) {
    files.requireUsable();
    Path path = files.path();
    EnumSet<Role> needed = wanted(separate);
    needed.remove(Role.CONTROL);
    List<Role> missing = needed.stream().filter(part -> !files.has(part)).toList();
    if (family.recipe().isEmpty() && (missing.isEmpty() || family != Families.UNKNOWN)) {
      throw new WeightsException(
          "%s is %s, which is not supported yet; use a base model made for %s."
              .formatted(path, family.name(), Families.runnable()));
    }
    if (!missing.isEmpty()) {
      throw new WeightsException(
          "%s is not a whole base model: it has %s, but no %s. %s"
              .formatted(
                  path,
                  Descriptions.contents(files),
                  String.join(" and no ", missing.stream().map(Role::displayName).toList()),
                  remedy(missing)));
    }
  }

  private static String remedy(List<Role> missing) {
    String whole = "Use a whole %s model".formatted(Families.runnable());
    if (missing.contains(Role.UNET)) {
      return whole + ".";
    }
    List<String> options = missing.stream().map(Role::option).toList();
    return "%s or, to generate, give what is missing: %s."
        .formatted(whole, String.join(", and ", options));
  }

  /** The configuration that a user named, when it tells of a part of a base. */
  private static ConfigFiles readConfig(Path file) {
    ConfigFiles told = ConfigFiles.read(file);
    if (told.tellsOfNothingBut(Role.CONTROL)) {
      throw new WeightsException(
          "%s is the configuration of a control; a base takes that of its U-Net, VAE, text encoder or scheduler. Give it as that of the control: ControlModel.withConfig(Path) or --control-config."
              .formatted(file));
    }
    return told;
  }

  private void requireFitting() {
    if (textEncoder.width() != unet.contextWidth() && unet.contextWidth() > 0) {
      throw new IncompatibleModelException(
          "The text encoder of %s makes states of %d values, the U-Net of %s takes %d. Use the text encoder that belongs to the base."
              .formatted(
                  separate.textEncoder().orElse(files.path()),
                  textEncoder.width(),
                  files.path(),
                  unet.contextWidth()));
    }
    separate
        .autoencoder()
        .ifPresent(
            path ->
                Compatibility.checkAutoencoder(
                    family, unet.outChannels(), files.path(), autoencoder, path));
  }

  /**
   * Returns the family.
   *
   * @return the family by its shapes
   */
  public Family family() {
    return family;
  }

  /**
   * Returns how it is run.
   *
   * @return the recipe of its family
   */
  public Recipe recipe() {
    return family.recipe().orElseThrow();
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
   * @return exactly the tensors of {@link ClipText#shapes(TextEncoderSpec)}
   */
  public WeightSource textEncoderWeights() {
    return textEncoderWeights;
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
   * @return exactly the tensors of {@link UNet#shapes(UNetSpec)}
   */
  public WeightSource unetWeights() {
    return files.weights(Role.UNET);
  }

  /**
   * Returns the U-Net's sizes and weights together, for controls.
   *
   * @return both, which end with this
   */
  public BaseUNet baseUNet() {
    return new BaseUNet(unet, unetWeights());
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
   * @return exactly the tensors of {@link Vae#shapes} or {@link TinyVae#shapes}
   */
  public WeightSource autoencoderWeights() {
    return autoencoderWeights;
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
   * model's own folder. The ids are the text encoder's rows, so a separate one is asked first.
   *
   * @return a folder with vocab.json and merges.txt, or tokenizer.json, when there is one
   */
  public Optional<Path> tokenizer() {
    return separate
        .textEncoder()
        .flatMap(BaseWeights::tokenizerBeside)
        .or(() -> tokenizerBeside(files.path()));
  }

  private static Optional<Path> tokenizerBeside(Path model) {
    Path folder = Files.isDirectory(model) ? model : model.toAbsolutePath().getParent();
    if (folder == null) {
      return Optional.empty();
    }
    List<Path> places = new ArrayList<>(List.of(folder.resolve("tokenizer"), folder));
    Path name = folder.getFileName();
    if (name != null && List.of("unet", "text_encoder").contains(name.toString())) {
      // one component's folder inside a diffusers folder
      places.add(folder.resolveSibling("tokenizer"));
    }
    return places.stream().filter(ClipTokenizer::isIn).findFirst();
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
    resources.close();
  }
}
