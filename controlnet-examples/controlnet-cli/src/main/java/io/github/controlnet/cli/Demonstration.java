package io.github.controlnet.cli;

import io.github.controlnet.demo.DemoModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Unpacks what the command runs on when it is told nothing: the bundled model and picture. */
final class Demonstration {
  private static final String BASE = "mini";

  private Demonstration() {}

  /** Tells whether a name stands for the bundled base. */
  static boolean isBase(Path name) {
    return name.equals(Path.of(BASE)) && !Files.exists(name);
  }

  /** Names the bundled controls. */
  static List<Path> controls() {
    return List.of(Path.of("mini-canny"), Path.of("mini-segmentation"));
  }

  /** Finds the bundled model that a name stands for, unless a file has that name. */
  static Optional<Path> named(Path name) {
    if (Files.exists(name)) {
      return Optional.empty();
    }
    return switch (name.toString()) {
      case BASE -> Optional.of(bundled().base());
      case "mini-canny" -> Optional.of(bundled().control());
      case "mini-segmentation" -> Optional.of(bundled().segmentation());
      default -> Optional.empty();
    };
  }

  /** Unpacks it into the user's cache, where the next run finds it. */
  static DemoModel bundled() {
    try {
      return DemoModel.extract(cache().resolve("mini-" + DemoModel.id()));
    } catch (UncheckedIOException unwritable) {
      try {
        return DemoModel.extract(Files.createTempDirectory("controlnet-demo"));
      } catch (IOException | UncheckedIOException e) {
        e.addSuppressed(unwritable);
        throw new CommandFailure(
            "The bundled model cannot be unpacked: %s Set XDG_CACHE_HOME to a folder that can be"
                    .formatted(Failures.oneLine(e))
                + " written.",
            e);
      }
    }
  }

  private static Path cache() {
    String configured = System.getenv("XDG_CACHE_HOME");
    Path caches =
        configured == null || configured.isBlank()
            ? Path.of(System.getProperty("user.home", "."), ".cache")
            : Path.of(configured);
    return caches.resolve("controlnet-java");
  }
}
