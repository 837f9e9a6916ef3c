package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.StepListener.Step;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewFilesTest {
  private record Drawn(int number, int totalSteps, List<BufferedImage> preview) implements Step {
    @Override
    public double timestep() {
      return 0;
    }
  }

  private static Drawn step(int number, int... colours) {
    return new Drawn(
        number,
        3,
        java.util.Arrays.stream(colours)
            .mapToObj(
                colour -> {
                  BufferedImage picture = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
                  picture.setRGB(0, 0, colour);
                  return picture;
                })
            .toList());
  }

  @Test
  void theNewestIsThereUntilThePicturesAre(@TempDir Path folder) {
    PreviewFiles files = new PreviewFiles(folder);
    files.onStep(step(1, 0xff0000, 0x00ff00));
    files.onStep(step(2, 0x0000ff, 0xffffff));
    files.onStep(step(3, 0x123456, 0x123456));
    assertThat(colour(folder.resolve("preview-0.png"))).isEqualTo(0xff0000ff);
    assertThat(colour(folder.resolve("preview-1.png"))).isEqualTo(0xffffffff);
    files.remove();
    assertThat(folder).isEmptyDirectory();
  }

  private static int colour(Path file) {
    return Images.read(file).getRGB(0, 0);
  }
}
