package io.github.controlnet.samples;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import java.nio.file.Path;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Spring Boot: {@code controlnet.base} and {@code controlnet.controls} make the pipeline a bean.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class SpringApplicationSample {

  /** Called by Spring. */
  public SpringApplicationSample() {}

  /**
   * Runs the application.
   *
   * @param args the output folder
   */
  public static void main(String[] args) {
    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    SpringApplication application = new SpringApplication(SpringApplicationSample.class);
    // Usually these two stand in application.properties.
    application.setDefaultProperties(
        java.util.Map.of(
            "controlnet.base", demo.base().toString(),
            "controlnet.controls", demo.control().toString()));
    application.run(args).close();
  }

  @Bean
  CommandLineRunner draw(ControlNetPipeline pipeline) {
    return args -> {
      Path photo = DemoModel.extract(Path.of("target", "demo")).photograph();
      GenerationRequest request =
          GenerationRequest.builder()
              .prompt("a cup of coffee")
              .control(ControlInput.annotate(Images.read(photo), "canny"))
              .imageResolution(128)
              .steps(4)
              .build();
      Output.save(pipeline.generate(request).images().get(0), args, "spring.png");
    };
  }
}
