package io.github.controlnet.spring;

import io.github.controlnet.Annotators;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.Samplers;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.engine.Device;
import io.github.controlnet.exception.InvalidRequestException;
import java.time.Duration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * Makes the pipeline of the properties, unless the application defines one itself. Weights are
 * loaded at the first generation; wrong files fail the start.
 */
@AutoConfiguration
@EnableConfigurationProperties(ControlNetProperties.class)
public class ControlNetAutoConfiguration {
  private static final String PHASE_TIMEOUT = "spring.lifecycle.timeout-per-shutdown-phase";
  private static final Duration USUAL_PHASE_TIMEOUT = Duration.ofSeconds(30);

  /** The web server ends in two: it answers, then it stops; one more for the application's own. */
  private static final int SHUTDOWN_PHASES = 3;

  /** Called by Spring. */
  public ControlNetAutoConfiguration() {}

  /**
   * Opens the models. When the application ends, by a signal too, Spring closes the pipeline after
   * the web server has answered the requests in flight; what still runs then is cancelled.
   *
   * @param properties what the application says
   * @param environment tells how long the application takes to end
   * @return the pipeline
   */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  @ConditionalOnProperty("controlnet.base")
  ControlNetPipeline controlNetPipeline(ControlNetProperties properties, Environment environment) {
    return InvalidRequestException.checking(() -> builder(properties, environment)).build();
  }

  private static ControlNetPipeline.Builder builder(
      ControlNetProperties properties, Environment environment) {
    ControlNetPipeline.Builder builder =
        ControlNetPipeline.builder()
            .base(properties.baseModel())
            .scheduler(Samplers.named(properties.sampler()))
            .device(Device.parse(properties.device()))
            .precision(properties.precision())
            .offload(properties.offload())
            .vaeTiling(properties.vaeTiling())
            .exitGrace(exitGrace(environment))
            .engine(properties.engine());
    properties.controlModels().forEach(builder::control);
    properties.vaeModel().ifPresent(builder::vae);
    properties.previewModel().ifPresent(builder::preview);
    if (properties.textEncoder() != null) {
      builder.textEncoder(properties.textEncoder());
    }
    if (properties.tokenizer() != null) {
      builder.tokenizer(properties.tokenizer());
    }
    if (properties.threads() != 0) {
      builder.threads(properties.threads());
    }
    return builder;
  }

  /**
   * Tells annotators that the application opens itself to compute where the pipeline does.
   *
   * @param pipeline the application's or that of the properties
   * @return the context
   */
  @Bean
  @Lazy
  @ConditionalOnBean(ControlNetPipeline.class)
  @ConditionalOnMissingBean
  AnnotatorContext annotatorContext(ControlNetPipeline pipeline) {
    return Annotators.context(pipeline.info());
  }

  /** The pipeline waits for Spring to close it, unless no signal makes Spring do so. */
  private static Duration exitGrace(Environment environment) {
    return environment.getProperty("spring.main.register-shutdown-hook", Boolean.class, true)
        ? environment
            .getProperty(PHASE_TIMEOUT, Duration.class, USUAL_PHASE_TIMEOUT)
            .multipliedBy(SHUTDOWN_PHASES)
        : Duration.ZERO;
  }
}
