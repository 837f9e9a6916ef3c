package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The start script and {@code CONTROLNET_PLUGINS}, with a copy of the script whose build is these
 * tests' class path, so that it builds nothing.
 */
@EnabledOnOs({OS.LINUX, OS.MAC})
class PluginsTest {
  private static final Path SCRIPT = Path.of("../../controlnet");
  private static final Path EXAMPLE = Path.of("../controlnet-example-annotator/src/main");
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir private Path folder;

  @Test
  void theAnnotatorOfAnAddedJarIsFoundByItsName() throws Exception {
    Path target =
        Files.createDirectories(folder.resolve("controlnet-examples/controlnet-cli/target"));
    Files.createFile(target.resolve("start.built"));
    writeClassPath(Files.createDirectory(target.resolve("lib")).resolve("all.jar"));
    Path script = Files.copy(SCRIPT, folder.resolve("controlnet"));
    Path photo = folder.resolve("photo.png");
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", photo.toFile());
    Path map = folder.resolve("map.png");

    assertThat(annotate(script, "", photo, map)).contains("posterize");
    assertThat(map).doesNotExist();
    assertThat(annotate(script, plugin().toString(), photo, map)).contains(map.toString());
    assertThat(ImageIO.read(map.toFile()).getWidth()).isEqualTo(8);
  }

  private static String annotate(Path script, String plugins, Path photo, Path map)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                "bash",
                script.toString(),
                "annotate",
                "posterize",
                photo.toString(),
                map.toString())
            .redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("CONTROLNET_PLUGINS", plugins);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  /** A jar without classes that names the whole class path, folders included. */
  private static void writeClassPath(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(
            Attributes.Name.CLASS_PATH,
            Arrays.stream(CLASS_PATH.split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" ")));
    try (OutputStream out = Files.newOutputStream(jar)) {
      new JarOutputStream(out, manifest).close();
    }
  }

  /** Compiles and packs the example, as its own build does. */
  private Path plugin() throws IOException {
    Path classes = Files.createDirectory(folder.resolve("classes"));
    List<String> arguments =
        new ArrayList<>(List.of("-proc:none", "-d", classes.toString(), "-cp", CLASS_PATH));
    files(EXAMPLE.resolve("java")).forEach(source -> arguments.add(source.toString()));
    int errors =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(errors).isZero();
    Path jar = folder.resolve("plugin.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Path root : List.of(classes, EXAMPLE.resolve("resources"))) {
        for (Path file : files(root)) {
          out.putNextEntry(
              new JarEntry(root.relativize(file).toString().replace(File.separatorChar, '/')));
          Files.copy(file, out);
        }
      }
    }
    return jar;
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
