package io.github.controlnet.spring;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import java.util.concurrent.CompletableFuture;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;

/** An application that answers what is in flight before it ends, as a web server does. */
@SpringBootConfiguration
@EnableAutoConfiguration
class SlowApplication {
  static final int STEPS = 150;

  public static void main(String[] args) {
    SpringApplication.run(SlowApplication.class, args).getBean(Work.class).answer.join();
  }

  @Bean
  Work work(ControlNetPipeline pipeline) {
    return new Work(pipeline);
  }

  /** One generation, from the application's start to its end. */
  static final class Work implements SmartLifecycle {
    private final ControlNetPipeline pipeline;
    private CompletableFuture<Integer> answer = new CompletableFuture<>();
    private volatile boolean running;

    Work(ControlNetPipeline pipeline) {
      this.pipeline = pipeline;
    }

    @Override
    public void start() {
      GenerationRequest request =
          GenerationRequest.builder()
              .size(64, 64)
              .steps(STEPS)
              .listener(step -> System.out.println("step " + step.number()))
              .build();
      running = true;
      answer = CompletableFuture.supplyAsync(() -> pipeline.generate(request).images().size());
    }

    @Override
    public void stop() {
      System.out.println("stopping");
      System.out.println("answered " + answer.join());
      running = false;
    }

    @Override
    public boolean isRunning() {
      return running;
    }
  }
}
