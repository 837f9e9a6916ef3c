package io.github.controlnet.spring;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.Device;
import io.github.controlnet.Schedulers;
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
   * has answered the requests in flight; what still runs then is cancelled. A signal that ends the
   * process cancels it after the network call that runs.
   *
   * @param properties what the application says
   * @return the pipeline
   */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  @ConditionalOnProperty("controlnet.base")
  ControlNetPipeline controlNetPipeline(ControlNetProperties properties) {
    ControlNetPipeline.Builder builder =
        ControlNetPipeline.builder()
            .base(properties.baseModel())
            .scheduler(Schedulers.named(properties.scheduler()))
            .device(Device.parse(properties.device()))
            .precision(properties.precision())
            .offload(properties.offload())
            .vaeTiling(properties.vaeTiling())
            .engine(properties.engine());
    properties.controlModels().forEach(builder::control);
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
}
