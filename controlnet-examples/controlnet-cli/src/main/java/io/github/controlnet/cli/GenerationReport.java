package io.github.controlnet.cli;

import io.github.controlnet.GenerationResult;
import io.github.controlnet.Provenance;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.Timings;
import io.github.controlnet.core.provenance.WeightHashes;
import io.github.controlnet.model.ControlModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Collects what {@code --json} reports of one or more runs of a request. */
final class GenerationReport {
  private final List<Timings> runs = new ArrayList<>();
  private double openSeconds;

  /** Tells how long it took to open the models, before the first run. */
  void opened(double seconds) {
    openSeconds = seconds;
  }

  void add(GenerationResult result) {
    runs.add(result.timings());
  }

  /** Returns the time of all loading so far, the opening of the files included. */
  double loadSeconds() {
    return openSeconds + runs.stream().mapToDouble(Timings::loadSeconds).sum();
  }

  /**
   * Returns the report on the last run. {@code loadSeconds} is all loading since the start of the
   * process, opening the files included; {@code totalSeconds} is the last run, for the first run
   * with the opening of the files.
   */
  Map<String, Object> of(
      GenerationResult result, List<Path> files, ModelOptions.Selection selection) {
    Provenance provenance = result.provenance();
    Timings last = runs.get(runs.size() - 1);
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("images", files.stream().map(Path::toString).toList());
    report.put("seed", result.seeds().get(0));
    report.put("seeds", result.seeds());
    report.put("width", provenance.resolved().width());
    report.put("height", provenance.resolved().height());
    report.put("steps", provenance.request().sampling().steps());
    report.put("sampler", provenance.resolved().sampler());
    report.put("dtype", Choices.word(provenance.environment().precision()));
    report.put("loadSeconds", loadSeconds());
    report.put("stepSeconds", last.stepSeconds());
    report.put("decodeSeconds", last.decodeSeconds());
    report.put("totalSeconds", last.totalSeconds() + (runs.size() == 1 ? openSeconds : 0));
    ProcessMemory.peakResidentBytes().ifPresent(bytes -> report.put("peakRssBytes", bytes));
    if (runs.size() > 1) {
      report.put("runs", runs.stream().map(GenerationReport::run).toList());
    }
    report.put("base", selection.base().toString());
    report.put("controls", controls(provenance));
    report.put("sha256", hashes(selection));
    report.put("versions", Versions.with(provenance.environment().versions()));
    return report;
  }

  /** The model of each input, as it was found. */
  private static List<String> controls(Provenance provenance) {
    List<String> controls = new ArrayList<>();
    for (int i = 1; i <= provenance.request().controls().list().size(); i++) {
      provenance
          .model(ModelSource.control(i))
          .ifPresent(source -> controls.add(source.path().toString()));
    }
    return controls;
  }

  private static Map<String, Object> run(Timings timings) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("loadSeconds", timings.loadSeconds());
    run.put("stepSeconds", timings.stepSeconds());
    run.put("decodeSeconds", timings.decodeSeconds());
    run.put("totalSeconds", timings.totalSeconds());
    return run;
  }

  /** The hashes that are known without reading gigabytes, by the file's path. */
  private static Map<String, String> hashes(ModelOptions.Selection selection) {
    List<Path> paths = new ArrayList<>();
    paths.add(selection.base().path());
    selection.controls().stream().map(ControlModel::path).forEach(paths::add);
    WeightHashes known = WeightHashes.ofUser();
    Map<String, String> hashes = new TreeMap<>();
    for (Path path : paths) {
      known
          .known(path)
          .forEach(
              (name, hash) ->
                  hashes.put(
                      (Files.isDirectory(path) ? path.resolve(name).normalize() : path).toString(),
                      hash));
    }
    return hashes;
  }
}
