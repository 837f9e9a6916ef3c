package io.github.controlnet.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoModelTest {
  @Test
  void extractsEveryFileOfTheIndexWithItsBytes(@TempDir Path folder) throws IOException {
    DemoModel model = DemoModel.extract(folder.resolve("new/cache"));

    List<String> listed = indexed();
    assertThat(listed)
        .contains(
            "mini/unet/diffusion_pytorch_model.safetensors",
            "mini/tokenizer/vocab.json",
            "mini-canny/config.json",
            "mini-segmentation/config.json",
            "drawing.png",
            "photograph.jpg");
    assertThat(files(folder.resolve("new/cache"))).containsExactlyInAnyOrderElementsOf(listed);
    for (String name : listed) {
      assertThat(Files.readAllBytes(folder.resolve("new/cache").resolve(name)))
          .isEqualTo(resource(name));
    }
    assertThat(model.base().resolve("model_index.json")).exists();
    assertThat(model.control().resolve("diffusion_pytorch_model.safetensors")).exists();
    assertThat(model.segmentation().resolve("diffusion_pytorch_model.safetensors")).exists();
    assertThat(ImageIO.read(model.drawing().toFile()).getWidth()).isEqualTo(512);
    assertThat(ImageIO.read(model.photograph().toFile()).getWidth()).isEqualTo(600);
  }

  @Test
  void mendsHalfWrittenFilesAndLeavesWholeOnesAlone(@TempDir Path folder) throws IOException {
    DemoModel model = DemoModel.extract(folder);
    Path broken = model.control().resolve("diffusion_pytorch_model.safetensors");
    Files.write(broken, new byte[10]);
    Path whole = model.photograph();
    Object key = Files.readAttributes(whole, "*").get("fileKey");

    DemoModel.extract(folder);

    assertThat(Files.readAllBytes(broken))
        .isEqualTo(resource("mini-canny/diffusion_pytorch_model.safetensors"));
    assertThat(Files.readAttributes(whole, "*").get("fileKey")).isEqualTo(key);
  }

  @Test
  void manyMayExtractIntoOneFolder(@TempDir Path folder) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<DemoModel>> running = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        running.add(pool.submit(() -> DemoModel.extract(folder)));
      }
      for (Future<DemoModel> one : running) {
        assertThat(one.get().photograph()).hasBinaryContent(resource("photograph.jpg"));
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(files(folder)).containsExactlyInAnyOrderElementsOf(indexed());
  }

  @Test
  void namesTheFolderThatCannotBeWritten(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");

    assertThatThrownBy(() -> DemoModel.extract(file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("Choose a folder");
  }

  @Test
  void theIndexHasTheHashOfEveryFile() throws Exception {
    for (String line :
        new String(resource("index.txt"), StandardCharsets.US_ASCII).lines().toList()) {
      String[] parts = line.split(" ", 3);
      byte[] bytes = resource(parts[2]);
      assertThat(Long.parseLong(parts[0])).isEqualTo(bytes.length);
      assertThat(parts[1])
          .as(parts[2])
          .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
    }
    assertThat(DemoModel.id()).matches("[0-9a-f]{12}");
  }

  @Test
  void isSmallEnoughToShip() throws IOException {
    long bytes = 0;
    for (String name : indexed()) {
      bytes += resource(name).length;
    }
    assertThat(bytes).isLessThan(18_000_000);
  }

  private static List<String> indexed() throws IOException {
    return new String(resource("index.txt"), StandardCharsets.US_ASCII)
        .lines()
        .map(line -> line.split(" ", 3)[2])
        .toList();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = DemoModel.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }

  private static List<String> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile)
          .map(path -> root.relativize(path).toString().replace('\\', '/'))
          .toList();
    }
  }
}
