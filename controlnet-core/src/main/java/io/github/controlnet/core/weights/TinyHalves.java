package io.github.controlnet.core.weights;

import io.github.controlnet.core.files.PositionalFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the original's files of a tiny autoencoder, which hold one half each. */
final class TinyHalves {
  private static final String DECODER = "decoder";
  private static final List<String> ENDINGS = List.of(".safetensors", ".pth", ".pt");

  private TinyHalves() {}

  /**
   * Finds the decoder in a folder that holds the original's files.
   *
   * @return empty for what is no folder, has files that diffusers would read, or none or several
   *     decoders
   */
  static Optional<Path> decoderIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> files = entries.filter(Files::isRegularFile).sorted().toList();
      boolean diffusers =
          files.stream()
              .anyMatch(file -> PositionalFile.nameOf(file).startsWith("diffusion_pytorch_model"));
      List<Path> decoders = files.stream().filter(TinyHalves::isDecoder).toList();
      // one decoder may lie there in two formats
      long names = decoders.stream().map(TinyHalves::stem).distinct().count();
      return diffusers || names != 1
          ? Optional.empty()
          : ENDINGS.stream()
              .map(ending -> decoders.get(0).resolveSibling(stem(decoders.get(0)) + ending))
              .filter(decoders::contains)
              .findFirst();
    } catch (IOException e) {
      throw PositionalFile.unreadable(folder, e);
    }
  }

  /**
   * Finds the encoder beside a decoder: {@code taesd_encoder.pth} beside {@code taesd_decoder.pth},
   * whatever the formats.
   */
  static Optional<Path> encoderBeside(Path decoder) {
    String stem = stem(decoder);
    return ENDINGS.stream()
        .filter(ending -> stem.endsWith(DECODER))
        .map(ending -> decoder.resolveSibling(withoutEnd(stem, DECODER) + "encoder" + ending))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** A model's name: {@code taesd} of {@code taesd_decoder.pth}, else the name without ending. */
  static String model(Path path) {
    String stem = Files.isDirectory(path) ? PositionalFile.nameOf(path) : stem(path);
    for (String half : List.of("_decoder", "_encoder")) {
      if (stem.endsWith(half)) {
        return withoutEnd(stem, half);
      }
    }
    return stem;
  }

  private static boolean isDecoder(Path file) {
    return ENDINGS.stream()
        .anyMatch(ending -> PositionalFile.nameOf(file).endsWith("_" + DECODER + ending));
  }

  private static String stem(Path file) {
    String name = PositionalFile.nameOf(file);
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private static String withoutEnd(String text, String end) {
    return text.substring(0, text.length() - end.length());
  }
}
