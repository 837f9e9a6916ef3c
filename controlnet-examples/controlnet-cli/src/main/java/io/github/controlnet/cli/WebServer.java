package io.github.controlnet.cli;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.model.ControlModel;
import java.util.List;
import java.util.Map;

/**
 * The server behind {@code controlnet serve}, found through {@link java.util.ServiceLoader} so that
 * the other commands start without its libraries.
 */
public interface WebServer {

  /**
   * What to serve.
   *
   * @param pipeline the open pipeline; the server closes it
   * @param controls its controls, in order
   * @param demonstration whether the model is the bundled one
   * @param properties the server's properties, as Spring Boot names them
   */
  record Setup(
      ControlNetPipeline pipeline,
      List<ControlModel> controls,
      boolean demonstration,
      Map<String, Object> properties) {
    /** Copies the collections. */
    public Setup {
      controls = List.copyOf(controls);
      properties = Map.copyOf(properties);
    }
  }

  /**
   * Starts to serve.
   *
   * @param setup what to serve
   * @return the port that it listens on; it goes on until the process ends
   */
  int start(Setup setup);
}
