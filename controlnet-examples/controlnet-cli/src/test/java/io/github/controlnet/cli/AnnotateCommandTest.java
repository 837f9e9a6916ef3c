package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.cli.CommandRunner.Run;
import io.github.controlnet.engine.Device;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnnotateCommandTest {
  @TempDir private Path folder;

  private Path picture(String name, int width, int height) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    String format = name.endsWith(".jpg") ? "jpg" : "png";
    ImageIO.write(
        new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), format, file.toFile());
    return file;
  }

  private static Run annotate(Object in, Object out, String... more) {
    String[] args = new String[4 + more.length];
    args[0] = "annotate";
    args[1] = "canny";
    args[2] = in.toString();
    args[3] = out.toString();
    System.arraycopy(more, 0, args, 4, more.length);
    return CommandRunner.runWithFakes(args);
  }

  @Test
  void oneFile() throws IOException {
    Path out = folder.resolve("deep/map.png");
    Run run = annotate(picture("photo.jpg", 20, 10), out, "--option", "low=7");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.outLines()).containsExactly(out.toAbsolutePath().toString());
    BufferedImage map = ImageIO.read(out.toFile());
    assertThat(map.getWidth()).isEqualTo(20);
    assertThat(map.getHeight()).isEqualTo(10);
    assertThat(map.getRGB(3, 3) & 0xff).isEqualTo(7);
  }

  @Test
  void deviceAndThreadsReachTheAnnotator() throws IOException {
    Path photo = picture("photo.png", 20, 10);
    Path out = folder.resolve("map.png");
    Run run = annotate(photo, out, "--device", "cuda:1", "--threads", "3");
    assertThat(run.code()).as(run.err()).isZero();
    AnnotatorContext context = FakeAnnotatorProvider.seen.orElseThrow();
    assertThat(context.device()).isEqualTo(Device.cuda(1));
    assertThat(context.threads()).isEqualTo(3);
    annotate(photo, out);
    AnnotatorContext usual = FakeAnnotatorProvider.seen.orElseThrow();
    assertThat(usual.device()).isEqualTo(Device.CPU);
    assertThat(usual.threads()).isZero();
  }

  @Test
  void mapsOfTheCacheAreNotMadeAgain() throws IOException {
    Path photo = picture("photo.png", 20, 10);
    Path out = folder.resolve("map.png");
    Path cache = folder.resolve("cache");
    annotate(photo, out, "--cache", cache.toString(), "--option", "low=7");
    Path seven = onlyFile(cache);
    Path other = folder.resolve("other");
    annotate(photo, out, "--cache", other.toString(), "--option", "low=9");
    Files.copy(seven, onlyFile(other), StandardCopyOption.REPLACE_EXISTING);
    Run run = annotate(photo, out, "--cache", other.toString(), "--option", "low=9");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(ImageIO.read(out.toFile()).getRGB(3, 3) & 0xff).isEqualTo(7);
    Path file = Files.writeString(folder.resolve("file"), "");
    Run refused = annotate(photo, out, "--cache", file.toString());
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains(file.toString()).contains("choose another");
  }

  private static Path onlyFile(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1);
      return all.get(0);
    }
  }

  @Test
  void aFileIntoAFolderKeepsItsName() throws IOException {
    Path out = Files.createDirectory(folder.resolve("maps"));
    annotate(picture("photo.jpg", 20, 10), out);
    assertThat(out.resolve("photo.png")).isRegularFile();
  }

  @Test
  void resolutionIsThatOfTheOriginal() throws IOException {
    Path out = folder.resolve("map.png");
    annotate(picture("photo.png", 100, 60), out, "--resolution", "64");
    BufferedImage map = ImageIO.read(out.toFile());
    // 64/60 of 100 is 106.7, which is nearest to 2 times 64.
    assertThat(map.getWidth()).isEqualTo(128);
    assertThat(map.getHeight()).isEqualTo(64);
  }

  @Test
  void aFolderGoesOnAfterAFailureAndReportsIt() throws IOException {
    picture("in/a.jpg", 9, 9);
    Files.writeString(folder.resolve("in/b.png"), "no picture");
    picture("in/c.png", 9, 9);
    Files.writeString(folder.resolve("in/notes.txt"), "left alone");
    Run run = annotate(folder.resolve("in"), folder.resolve("out"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.outLines()).hasSize(2);
    assertThat(run.err()).contains("1 of 3 pictures failed").contains("b.png");
    assertThat(folder.resolve("out/a.png")).isRegularFile();
    assertThat(folder.resolve("out/c.png")).isRegularFile();
    assertThat(folder.resolve("out/b.png")).doesNotExist();
  }

  @Test
  void namesThatWouldCollideKeepTheirEnding() throws IOException {
    picture("in/a.jpg", 9, 9);
    picture("in/a.png", 9, 9);
    assertThat(annotate(folder.resolve("in"), folder.resolve("out")).code()).isZero();
    assertThat(folder.resolve("out/a.jpg.png")).isRegularFile();
    assertThat(folder.resolve("out/a.png.png")).isRegularFile();
  }

  @Test
  void aFolderAsJson() throws IOException {
    picture("in/a.jpg", 9, 8);
    Run run = annotate(folder.resolve("in"), folder.resolve("out"), "--json");
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("annotator").asText()).isEqualTo("canny");
    assertThat(json.get("maps").get(0).get("width").asInt()).isEqualTo(9);
    assertThat(Path.of(json.get("maps").get(0).get("output").asText())).isRegularFile();
    assertThat(json.get("failures")).isEmpty();
  }

  @Test
  void mapsNeverReplaceTheirPictures() throws IOException {
    Path photo = picture("in/a.png", 9, 9);
    assertThat(annotate(photo, photo).code()).isEqualTo(2);
    assertThat(annotate(photo, photo.getParent()).code()).isEqualTo(2);
    assertThat(annotate(photo.getParent(), photo.getParent()).code()).isEqualTo(2);
    assertThat(annotate(photo.getParent(), photo).code()).isEqualTo(2);
  }

  @Test
  void mapsArePng() throws IOException {
    Run run = annotate(picture("a.png", 9, 9), folder.resolve("map.jpg"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("maps are PNG");
  }

  @Test
  void whatIsMissingIsSaid() {
    Run run = annotate(folder.resolve("nothing.png"), folder.resolve("map.png"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("nothing.png");
    assertThat(annotate(folder, folder.resolve("maps")).err()).contains("no pictures");
  }

  @Test
  void theListTellsOptions() throws IOException {
    Run run = CommandRunner.runWithFakes("annotate", "--list");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("canny: Flat grey.", "low=100", "whole number, 0 to 255");
    JsonNode json =
        new ObjectMapper()
            .readTree(CommandRunner.runWithFakes("annotate", "--list", "--json").out());
    JsonNode option = json.get("annotators").get(0).get("options").get(0);
    assertThat(option.get("name").asText()).isEqualTo("low");
    assertThat(option.get("type").asText()).isEqualTo("integer");
    assertThat(option.get("default").asText()).isEqualTo("100");
    assertThat(option.get("maximum").asInt()).isEqualTo(255);
  }

  @Test
  void aSheetShowsWhatCanRunAndNamesTheRest() throws IOException {
    Path out = folder.resolve("sheet.png");
    Path photo = picture("photo.png", 128, 64);
    Run run = CommandRunner.run("annotate", "all", photo.toString(), out.toString(), "--json");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("annotators").toString()).contains("canny", "shuffle");
    assertThat(json.get("skipped").findValuesAsText("annotator")).contains("hed", "mlsd");
    assertThat(json.get("skipped").toString())
        .contains("controlnet download lllyasviel/Annotators/ControlNetHED.pth");
    BufferedImage sheet = ImageIO.read(out.toFile());
    assertThat(sheet.getWidth()).isGreaterThan(3 * 128);
    assertThat(CommandRunner.run("annotate", "all", folder.toString(), out.toString()).code())
        .isEqualTo(2);
  }

  @Test
  void theListNamesWeightsAndControls() {
    Run run = CommandRunner.run("annotate", "--list");
    assertThat(run.out())
        .contains(
            "weights: lllyasviel/Annotators/ControlNetHED.pth",
            "made for: control_v11p_sd15_softedge");
  }
}
