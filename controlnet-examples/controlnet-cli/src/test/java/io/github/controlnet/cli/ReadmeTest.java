package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.demo.DemoModel;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's program compiles and runs; only its paths are exchanged for the bundled model's. */
class ReadmeTest {
  @TempDir private Path folder;

  @Test
  void theJavaProgramDrawsAPicture() throws Exception {
    DemoModel demo = DemoModel.extract(folder.resolve("demo"));
    Path picture = folder.resolve("bird.png");
    String program = program();
    program = exchange(program, "\"stable-diffusion-v1-5\"", demo.base());
    program = exchange(program, "\"control_v11p_sd15_canny.pth\"", demo.control());
    program = exchange(program, "\"bird.jpg\"", demo.photograph());
    program = exchange(program, "\"bird.png\"", picture);
    // The same program in fewer steps: that it runs does not depend on their number.
    assertThat(program).contains(".steps(20)");
    program = program.replace(".steps(20)", ".steps(1).imageResolution(64)");
    Path source = Files.writeString(folder.resolve("FirstImage.java"), program);
    int errors =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-Xlint:all",
                "-proc:none",
                "-d",
                folder.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                source.toString());
    assertThat(errors).isZero();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      loader
          .loadClass("FirstImage")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    }
    assertThat(ImageIO.read(picture.toFile()).getHeight()).isEqualTo(64);
  }

  private static String program() throws IOException {
    String readme = Files.readString(Path.of("../../README.md"));
    Matcher matcher = Pattern.compile("(?s)```java\\n(.*?)```").matcher(readme);
    assertThat(matcher.find()).as("a java block in the README").isTrue();
    return matcher.group(1);
  }

  private static String exchange(String program, String literal, Path path) {
    assertThat(program).contains(literal);
    return program.replace(literal, "\"" + path.toString().replace("\\", "\\\\") + "\"");
  }

  @Test
  void theCommandsAreThereAndTheTestCommandIsWhatCiRuns() throws IOException {
    List<String> readme = Files.readAllLines(Path.of("../../README.md"));
    assertThat(readme).contains("./controlnet generate", "mvn verify");
    assertThat(Path.of("../../controlnet")).isExecutable();
    assertThat(Path.of("../../.ci/run")).content().contains("mvn ").contains(" verify");
  }
}
