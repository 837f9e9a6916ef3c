package io.github.controlnet.core.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.model.BaseModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pipeline's builder fetches, in a process of its own: the environment names the hub. */
class BuilderDownloadTest {
  @TempDir private Path folder;

  /** The application: opens a model of the hub and prints what its listener hears. */
  static final class Application {
    private Application() {}

    public static void main(String[] args) {
      ControlNetPipeline.builder()
          .base(BaseModel.hub(FakeHub.REPOSITORY))
          .threads(1)
          .downloadListener(
              progress ->
                  System.out.println(
                      "heard %s %d/%d %d/%d"
                          .formatted(
                              progress.file(),
                              progress.fileBytes(),
                              progress.fileSize(),
                              progress.bytes(),
                              progress.totalSize())))
          .build()
          .close();
    }
  }

  private Process start(FakeHub server) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Application.class.getName());
    builder.environment().remove("HF_HUB_OFFLINE");
    builder.environment().put("HF_ENDPOINT", server.endpoint());
    builder.environment().put("HF_HUB_CACHE", folder.resolve("hub").toString());
    return builder.redirectError(folder.resolve("err.txt").toFile()).start();
  }

  private static void put(Path model, FakeHub server) throws IOException {
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        server.files.put(
            model.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
      }
    }
  }

  @Test
  void theListenerOfTheBuilderHearsEveryDownloadAndThenNone() throws Exception {
    try (FakeHub server = new FakeHub()) {
      put(Fixtures.tiny(), server);
      List<String> heard = heard(server);
      byte[] unet = server.files.get("unet/diffusion_pytorch_model.safetensors");
      assertThat(heard)
          .anyMatch(
              line ->
                  line.startsWith(
                      "heard unet/diffusion_pytorch_model.safetensors %d/%d "
                          .formatted(unet.length, unet.length)));
      assertThat(heard.get(heard.size() - 1)).matches(".* (\\d+)/\\1");
      server.requests.clear();
      assertThat(heard(server)).isEmpty();
      assertThat(server.requests).isEmpty();
    }
  }

  private List<String> heard(FakeHub server) throws Exception {
    Process process = start(server);
    byte[] out = process.getInputStream().readAllBytes();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("err.txt"))).isZero();
    return new String(out, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("heard "))
        .toList();
  }
}
