package io.github.controlnet.core.training;

import io.github.controlnet.exception.ControlNetException;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of losses, {@code loss.csv}; one row for each step. */
final class LossLog implements AutoCloseable {
  private static final String HEADER = "step,epoch,loss,learning_rate,gradient_norm,seconds";

  private final Path file;
  private final List<Double> losses;
  private final Writer writer;

  private LossLog(Path file, List<Double> losses, Writer writer) {
    this.file = file;
    this.losses = losses;
    this.writer = writer;
  }

  /**
   * Opens the table.
   *
   * @param steps how many rows of an earlier run count; later ones will be written again
   */
  static LossLog open(Path file, int steps) {
    try {
      List<String> kept = new ArrayList<>(List.of(HEADER));
      List<Double> losses = new ArrayList<>();
      if (Files.isRegularFile(file)) {
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
          String[] cells = line.split(",", -1);
          if (cells.length == 6
              && cells[0].matches("\\d{1,9}")
              && Integer.parseInt(cells[0]) <= steps) {
            kept.add(line);
            losses.add(Double.parseDouble(cells[2]));
          }
        }
      }
      Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
      Files.write(temporary, kept, StandardCharsets.UTF_8);
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      return new LossLog(
          file,
          losses,
          Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND));
    } catch (IOException | NumberFormatException e) {
      throw failed(file, e);
    }
  }

  void add(int step, long epoch, double loss, double rate, double norm, double seconds) {
    losses.add(loss);
    try {
      writer.write(
          String.format(
              Locale.ROOT, "%d,%d,%.8g,%.8g,%.6g,%.4f%n", step, epoch, loss, rate, norm, seconds));
      writer.flush();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  List<Double> losses() {
    return losses;
  }

  /** The mean of the last hundred losses. */
  double mean() {
    return losses.subList(Math.max(0, losses.size() - 100), losses.size()).stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElse(Double.NaN);
  }

  private static ControlNetException failed(Path file, Exception e) {
    return new ControlNetException("%s cannot be written: %s.".formatted(file, e), e);
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }
}
