package io.github.controlnet.web;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.cli.WebServer;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** Serves what {@code controlnet serve} has opened. */
public final class SpringWebServer implements WebServer {

  /** Called by {@link java.util.ServiceLoader}. */
  public SpringWebServer() {}

  @Override
  public int start(Setup setup) {
    ConfigurableApplicationContext context =
        new SpringApplicationBuilder(WebApplication.class)
            .initializers(
                (GenericApplicationContext beans) -> {
                  beans.registerBean(
                      "pipeline",
                      ControlNetPipeline.class,
                      setup::pipeline,
                      closed -> closed.setDestroyMethodName("close"));
                  beans.registerBean(
                      ServedModel.class,
                      () ->
                          ServedModel.of(
                              setup.pipeline().info(), setup.controls(), setup.demonstration()));
                })
            // Whoever started the server says in one line why it does not start.
            .properties(
                "logging.level.org.springframework.boot.diagnostics=off",
                "logging.level.org.springframework.boot.web.servlet.context=error")
            .run(
                setup.properties().entrySet().stream()
                    .map(entry -> "--" + entry.getKey() + "=" + entry.getValue())
                    .toArray(String[]::new));
    return ((ServletWebServerApplicationContext) context).getWebServer().getPort();
  }
}
