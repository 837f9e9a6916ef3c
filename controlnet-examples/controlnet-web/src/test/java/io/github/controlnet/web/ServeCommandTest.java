package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code controlnet serve} as a process of its own, as people start it. */
class ServeCommandTest {

  private static Process serve(String... more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("io.github.controlnet.cli.Main", "serve", "--threads", "1"));
    command.addAll(List.of(more));
    return new ProcessBuilder(command)
        .redirectError(Path.of("target", "serve-test.log").toFile())
        .start();
  }

  /** Reads the one JSON object; more may follow only when the process ends. */
  private static String object(BufferedReader out) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      text.append(line);
      if (line.equals("}")) {
        break;
      }
    }
    return text.toString();
  }

  @Test
  void itSaysWhereItIsServesAndEndsWithTheSignal() throws Exception {
    Process process = serve("--port", "0", "--json", "--api-key", "secret");
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      JsonNode said = new ObjectMapper().readTree(object(out));
      URI info = URI.create(said.path("address").asText() + "api/info");
      HttpClient client = HttpClient.newHttpClient();
      HttpResponse<String> locked =
          client.send(HttpRequest.newBuilder(info).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(locked.statusCode()).isEqualTo(401);
      HttpResponse<String> open =
          client.send(
              HttpRequest.newBuilder(info).header("X-API-Key", "secret").build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(open.body()).contains("mini-canny", "mini-segmentation");
    } finally {
      process.destroy();
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
  }

  @Test
  void whoWaitsIsToldThatTheServerWasStopped() throws Exception {
    Process process = serve("--port", "0", "--json");
    CompletableFuture<HttpResponse<String>> answer;
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String address = new ObjectMapper().readTree(object(out)).path("address").asText();
      HttpClient client = HttpClient.newHttpClient();
      answer =
          client.sendAsync(
              HttpRequest.newBuilder(URI.create(address + "sdapi/v1/txt2img"))
                  .header("Content-Type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"prompt\": \"a circle\", \"steps\": 100, \"width\": 512, \"height\": 512}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      HttpRequest progress =
          HttpRequest.newBuilder(URI.create(address + "sdapi/v1/progress")).build();
      JsonNode state;
      do {
        assertThat(answer).isNotDone();
        Thread.sleep(20);
        String body = client.send(progress, HttpResponse.BodyHandlers.ofString()).body();
        state = new ObjectMapper().readTree(body);
      } while (state.path("progress").asDouble() == 0);
    } finally {
      process.destroy();
    }
    assertThat(answer.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
    assertThat(answer.get().body()).contains("The server was stopped.");
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(Path.of("target", "serve-test.log")).content().doesNotContain("Exception");
  }

  @Test
  void everyFileOfAnAnnotatorIsNamedWhereTheServerStarts() throws Exception {
    // A file that is none of weights: the annotator that reads it names it.
    Path file = Files.writeString(Path.of("target", "no-weights.pth"), "none").toAbsolutePath();
    Process process =
        serve(
            "--port",
            "0",
            "--json",
            "--annotator-model",
            "openpose_hand.model=" + file,
            "--annotator-model",
            "openpose_hand.hand_model=" + file,
            "--annotator-model",
            "hed=" + file);
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      JsonNode said = new ObjectMapper().readTree(object(out));
      String address = said.path("address").asText() + "controlnet/detect";
      for (String module : List.of("openpose_hand", "hed")) {
        assertThat(detect(address, module)).contains("no-weights.pth").doesNotContain("hub");
      }
      assertThat(detect(address, "openpose_face"))
          .contains("body_pose_model.pth", "which this server does not have")
          .doesNotContain("controlnet download", "Annotators.download");
    } finally {
      process.destroy();
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  private static String detect(String address, String module) throws Exception {
    String body =
        new ObjectMapper()
            .writeValueAsString(
                Map.of(
                    "controlnet_module",
                    module,
                    "controlnet_processor_res",
                    64,
                    "controlnet_input_images",
                    List.of(ServerFixture.photograph())));
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(address))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void aFileThatAnAnnotatorDoesNotTakeIsWrongUsage() throws Exception {
    Process process = serve("--annotator-model", "openpose_hand.nose_model=pom.xml");
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(Path.of("target", "serve-test.log"))
        .content()
        .contains("nose_model", "model, hand_model");
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process process = serve("--port", Integer.toString(taken.getLocalPort()));
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
      assertThat(Path.of("target", "serve-test.log"))
          .content()
          .contains("Cannot listen on 127.0.0.1, port " + taken.getLocalPort())
          .doesNotContain("FAILED", "Exception");
    }
  }
}
