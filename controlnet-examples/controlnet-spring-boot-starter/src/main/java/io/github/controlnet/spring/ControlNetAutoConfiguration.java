package io.github.controlnet.spring;

import io.github.controlnet.BaseModel;
import io.github.controlnet.ControlModel;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.Device;
import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.Schedulers;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Makes the pipeline of the properties, unless the application defines one itself. Weights are
 * loaded at the first generation; wrong files fail the start.
 */
@AutoConfiguration
@EnableConfigurationProperties(ControlNetProperties.class)
public class ControlNetAutoConfiguration {

  /** Called by Spring. */
  public ControlNetAutoConfiguration() {}

  /**
   * Opens the models. When the application ends, Spring closes the pipeline after the web server
   * has answered the requests in flight; what still runs then is cancelled.
   *
   * @param properties what the application says
   * @return the pipeline
   */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  @ConditionalOnProperty("controlnet.base")
  ControlNetPipeline controlNetPipeline(ControlNetProperties properties) {
    String id = String.valueOf(properties.base());
    BaseModel base = local(id).map(BaseModel::of).orElseGet(() -> hubBase(id));
    if (properties.baseConfig() != null) {
      base = base.withConfig(properties.baseConfig());
    }
    ControlNetPipeline.Builder builder =
        ControlNetPipeline.builder()
            .base(base)
            .scheduler(Schedulers.named(properties.scheduler()))
            .device(Device.parse(properties.device()))
            .precision(properties.precision())
            .offload(properties.offload())
            .engine(properties.engine());
    for (String control : properties.controls()) {
      builder.control(local(control).map(ControlModel::of).orElseGet(() -> hubControl(control)));
    }
    if (properties.vae() != null) {
      builder.vae(properties.vae());
    }
    if (properties.tokenizer() != null) {
      builder.tokenizer(properties.tokenizer());
    }
    if (properties.threads() != 0) {
      builder.threads(properties.threads());
    }
    return builder.build();
  }

  private static BaseModel hubBase(String id) {
    try {
      return BaseModel.hub(id);
    } catch (InvalidRequestException e) {
      throw neither("controlnet.base", id, e);
    }
  }

  private static ControlModel hubControl(String id) {
    try {
      return ControlModel.hub(id);
    } catch (InvalidRequestException e) {
      throw neither("controlnet.controls", id, e);
    }
  }

  private static InvalidRequestException neither(String property, String text, Exception cause) {
    return new InvalidRequestException(
        "%s is \"%s\", which is no file or folder here (looked in %s) and no id of a hub."
            .formatted(property, text, Path.of("").toAbsolutePath()),
        cause);
  }

  private static Optional<Path> local(String text) {
    try {
      return Optional.of(Path.of(text)).filter(Files::exists);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
