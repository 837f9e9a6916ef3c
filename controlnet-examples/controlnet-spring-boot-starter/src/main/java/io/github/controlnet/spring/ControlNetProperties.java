package io.github.controlnet.spring;

import io.github.controlnet.OffloadPolicy;
import io.github.controlnet.Precision;
import java.nio.file.Path;
import java.util.List;
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
 * @param vae another autoencoder than the base's own
 * @param tokenizer folder with vocab.json and merges.txt, for a base that is a single file
 * @param scheduler the scheduler of requests that choose none
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
    @Nullable Path vae,
    @Nullable Path tokenizer,
    @DefaultValue("ddim") String scheduler,
    @DefaultValue("cpu") String device,
    @DefaultValue("float32") Precision precision,
    @DefaultValue("none") OffloadPolicy offload,
    @DefaultValue("0") int threads,
    @DefaultValue("pytorch") String engine) {
  /** Copies the list. */
  public ControlNetProperties {
    controls = List.copyOf(controls);
  }
}
