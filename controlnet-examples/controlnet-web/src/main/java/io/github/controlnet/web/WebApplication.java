package io.github.controlnet.web;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import io.github.controlnet.Annotators;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.core.provenance.WeightHashes;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.spring.ControlNetProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.jackson.Jackson2ObjectMapperBuilderCustomizer;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * The server as a Spring Boot application of its own, configured by {@code controlnet.base} and the
 * other properties of the starter, and those of {@link WebProperties}.
 */
@SpringBootApplication
@EnableConfigurationProperties({WebProperties.class, ControlNetProperties.class})
public class WebApplication {
  /** How many levels a body may have; poses have the most. */
  private static final int DEEPEST = 64;

  /** Called by Spring. */
  public WebApplication() {}

  /**
   * Starts the server.
   *
   * @param args properties as {@code --name=value}
   */
  public static void main(String[] args) {
    SpringApplication.run(WebApplication.class, args);
  }

  @Bean
  @ConditionalOnMissingBean
  ServedModel servedModel(ControlNetPipeline pipeline, ControlNetProperties properties) {
    List<ControlModel> controls = properties.controlModels();
    // A base may bring a control of its own.
    return ServedModel.of(
        pipeline.info(),
        controls.isEmpty() && !pipeline.info().controls().isEmpty()
            ? List.of(properties.baseModel().ownControl())
            : controls,
        false);
  }

  @Bean
  JobQueue jobQueue(ControlNetPipeline pipeline, WebProperties limits, MeterRegistry metrics) {
    return new JobQueue(pipeline, WeightHashes.ofUser(), limits, metrics);
  }

  @Bean
  AnnotatorService annotatorService(WebProperties limits, ControlNetPipeline pipeline) {
    return new AnnotatorService(limits, Annotators.context(pipeline.info()));
  }

  /**
   * Bodies may have texts as long as bodies may be, since pictures are texts; numbers keep their
   * digits, and a field that is there twice is refused.
   */
  @Bean
  Jackson2ObjectMapperBuilderCustomizer bodies(WebProperties limits) {
    int most = (int) Math.min(Integer.MAX_VALUE, limits.maxUpload().toBytes());
    return builder ->
        builder
            .factory(
                new JsonFactoryBuilder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxStringLength(most)
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            .featuresToEnable(
                DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS,
                DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY,
                DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  @Bean
  UploadedPictures uploadedPictures(WebProperties limits) {
    return new UploadedPictures(limits.maxPixels());
  }
}
