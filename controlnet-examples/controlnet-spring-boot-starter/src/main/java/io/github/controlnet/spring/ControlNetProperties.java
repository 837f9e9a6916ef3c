package io.github.controlnet.spring;

import io.github.controlnet.engine.OffloadPolicy;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.VaeModel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The application's properties.
 *
 * @param base base model: a diffusers folder, a file (safetensors, ckpt), or an id of the Hugging
 *     Face hub, fetched when it is not in the cache
 * @param baseConfig what the base's weights cannot tell, as diffusers JSON or the original's YAML
 * @param controls control models: files, folders or ids of the hub, in the order of a request's
 *     inputs
 * @param vae another autoencoder than the base's own: a file, a folder, an id of the hub, or taesd
 *     (taesdxl for XL), a tiny one
 * @param preview the autoencoder that draws previews, in the same words; without it they are a
 *     rough linear map of the latents
 * @param textEncoder another text encoder than the base's own
 * @param vaeTiling whether pictures larger than 512 pixels are decoded in tiles: little memory
 * @param tokenizer folder with vocab.json and merges.txt, or tokenizer.json, for a base that is a
 *     single file
 * @param sampler the sampler of requests that choose none
 * @param device cpu, or a CUDA device such as cuda:0
 * @param precision number type of the networks
 * @param offload when weights are in memory
 * @param threads threads to compute with, a setting of the whole process; 0 for all cores
 * @param engine name of the engine
 */
@ConfigurationProperties("controlnet")
public record ControlNetProperties(
    @Nullable String base,
    @Nullable Path baseConfig,
    @DefaultValue List<String> controls,
    @Nullable String vae,
    @Nullable String preview,
    @Nullable Path textEncoder,
    @DefaultValue("false") boolean vaeTiling,
    @Nullable Path tokenizer,
    @DefaultValue("ddim") String sampler,
    @DefaultValue("cpu") String device,
    @DefaultValue("float32") Precision precision,
    @DefaultValue("none") OffloadPolicy offload,
    @DefaultValue("0") int threads,
    @DefaultValue("pytorch") String engine) {
  /** Copies the list. */
  public ControlNetProperties {
    controls = List.copyOf(controls);
  }

  /**
   * Returns the control models that {@link #controls} names.
   *
   * @return equal to those of the pipeline, in the same order
   * @throws InvalidRequestException when one is neither here nor an id of a hub
   */
  public List<ControlModel> controlModels() {
    return controls.stream().map(ControlNetProperties::controlModel).toList();
  }

  /**
   * Returns the base model that {@link #base} and {@link #baseConfig} name.
   *
   * @return a new value, which shares no weights with the pipeline's
   * @throws InvalidRequestException when it is neither here nor an id of a hub
   */
  public BaseModel baseModel() {
    String id = String.valueOf(base);
    BaseModel model = local(id).map(BaseModel::of).orElseGet(() -> hub("base", id, BaseModel::hub));
    return baseConfig == null ? model : model.withConfig(baseConfig);
  }

  /**
   * Returns the autoencoder that {@link #vae} names.
   *
   * @return empty for the base's own
   * @throws InvalidRequestException when it is neither here nor an id of a hub
   */
  public Optional<VaeModel> vaeModel() {
    return vaeModel("vae", vae);
  }

  /**
   * Returns the autoencoder that {@link #preview} names.
   *
   * @return empty for a linear map
   * @throws InvalidRequestException when it is neither here nor an id of a hub
   */
  public Optional<VaeModel> previewModel() {
    return vaeModel("preview", preview);
  }

  private static Optional<VaeModel> vaeModel(String property, @Nullable String id) {
    return id == null
        ? Optional.empty()
        : Optional.of(
            local(id).map(VaeModel::of).orElseGet(() -> hub(property, id, VaeModel::hub)));
  }

  private static ControlModel controlModel(String id) {
    return local(id).map(ControlModel::of).orElseGet(() -> hub("controls", id, ControlModel::hub));
  }

  private static <M> M hub(String property, String id, Function<String, M> maker) {
    try {
      return maker.apply(id);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          "controlnet.%s is \"%s\", which is no file or folder here (looked in %s) and no id of a hub."
              .formatted(property, id, Path.of("").toAbsolutePath()),
          e);
    }
  }

  private static Optional<Path> local(String text) {
    try {
      return Optional.of(Path.of(text)).filter(Files::exists);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
