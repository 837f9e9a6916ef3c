package io.github.controlnet.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** One server with the bundled model, which all tests of this module share. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    classes = WebApplication.class,
    properties = {
      "controlnet.web.queue=3",
      "controlnet.web.max-upload=2MB",
      "controlnet.web.max-pixels=1000000",
      "controlnet.web.max-side=256",
      "controlnet.web.max-steps=1000"
    })
@Import(ServerFixture.Bundled.class)
abstract class ServerFixture {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The bundled model; one thread, so that tests do not get in each other's way. */
  @TestConfiguration
  static class Bundled {
    private final DemoModel demo = DemoModel.extract(Path.of("target", "demo"));

    @Bean(destroyMethod = "close")
    ControlNetPipeline pipeline() {
      return ControlNetPipeline.builder()
          .base(BaseModel.of(demo.base()))
          .control(ControlModel.of(demo.control()))
          .control(ControlModel.of(demo.segmentation()))
          .threads(1)
          .build();
    }

    @Bean
    ServedModel model(ControlNetPipeline pipeline) {
      return ServedModel.of(
          pipeline.info(),
          List.of(ControlModel.of(demo.control()), ControlModel.of(demo.segmentation())),
          true);
    }
  }

  /** An answer. */
  record Answer(int status, String body) {
    JsonNode json() throws IOException {
      return JSON.readTree(body);
    }
  }

  private final HttpClient client = HttpClient.newHttpClient();

  @LocalServerPort protected int port;

  protected String address(String path) {
    return "http://localhost:" + port + path;
  }

  protected Answer get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(address(path))).build());
  }

  protected Answer post(String path, Object body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(address(path)))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build());
  }

  protected Answer delete(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(address(path))).DELETE().build());
  }

  protected Answer send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), response.body());
  }

  protected byte[] bytes(String path) throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(URI.create(address(path))).build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .body();
  }

  protected static String photograph() throws IOException {
    Path file = DemoModel.extract(Path.of("target", "demo")).photograph();
    return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
  }

  /** A small generation of a page. */
  protected static Map<String, Object> small(int steps) throws IOException {
    return Map.of(
        "prompt",
        "a bird",
        "imageResolution",
        64,
        "steps",
        steps,
        "seed",
        7,
        "controls",
        List.of(
            Map.of(
                "model",
                0,
                "image",
                "data:image/jpeg;base64," + photograph(),
                "annotator",
                "canny",
                "annotatorOptions",
                Map.of("low", "90"))));
  }

  /** Waits until a job is over. */
  protected JsonNode over(String id) throws IOException, InterruptedException {
    for (int i = 0; i < 1200; i++) {
      JsonNode snapshot = get("/api/jobs/" + id).json();
      if (!List.of("QUEUED", "RUNNING").contains(snapshot.path("state").asText())) {
        return snapshot;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("The job " + id + " does not end.");
  }
}
