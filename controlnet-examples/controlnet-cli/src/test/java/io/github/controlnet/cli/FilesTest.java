package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.core.provenance.PngText;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
  @TempDir private Path folder;

  private static BufferedImage colours() {
    BufferedImage image = new BufferedImage(5, 3, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 15; i++) {
      image.setRGB(i % 5, i / 5, i * 0x0a1107);
    }
    return image;
  }

  @Test
  void latin1TextGoesToAPlainChunk() {
    byte[] png = PngText.encode(colours(), Map.of("parameters", "caf\u00e9\nSteps: 1"));
    assertThat(PngChunks.text(png)).isEqualTo(Map.of("parameters", "caf\u00e9\nSteps: 1"));
  }

  @Test
  void otherTextGoesToAnInternationalChunk() {
    String text = "\u732b \ud83d\udc08\nSteps: 1";
    byte[] png = PngText.encode(colours(), Map.of("parameters", text));
    assertThat(PngChunks.text(png)).isEqualTo(Map.of("i:parameters", text));
  }

  @Test
  void pixelsSurvive() throws IOException {
    BufferedImage image = colours();
    BufferedImage back =
        ImageIO.read(new ByteArrayInputStream(PngText.encode(image, Map.of("k", "v"))));
    for (int i = 0; i < 15; i++) {
      assertThat(back.getRGB(i % 5, i / 5)).isEqualTo(image.getRGB(i % 5, i / 5));
    }
  }

  @Test
  void createdFilesNeverReplaceOthers() throws IOException {
    assertThat(AtomicFiles.create(folder, "a", ".png", new byte[] {1})).hasFileName("a.png");
    assertThat(AtomicFiles.create(folder, "a", ".png", new byte[] {2})).hasFileName("a-2.png");
    assertThat(AtomicFiles.create(folder, "a", ".png", new byte[] {3})).hasFileName("a-3.png");
    assertThat(AtomicFiles.create(folder, "a", ".png", new byte[] {2})).hasFileName("a-2.png");
    assertThat(folder.resolve("a.png")).hasBinaryContent(new byte[] {1});
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(3);
    }
  }

  @Test
  void replacedFilesAreWholeAndNothingElseIsLeft() throws IOException {
    Path file = folder.resolve("new/b.bin");
    AtomicFiles.replace(file, new byte[] {1, 2});
    AtomicFiles.replace(file, new byte[] {3});
    assertThat(file).hasBinaryContent(new byte[] {3});
    try (Stream<Path> files = Files.list(folder.resolve("new"))) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aTargetThatIsAFolderFailsAndLeavesNothing() throws IOException {
    Path target = Files.createDirectories(folder.resolve("target/full"));
    Path parent = folder.resolve("target");
    assertThatThrownBy(() -> AtomicFiles.replace(parent, new byte[] {1}))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("Cannot write");
    assertThat(target).isDirectory();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(parent);
    }
  }
}
