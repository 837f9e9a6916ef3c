package io.github.controlnet.web;

import io.github.controlnet.Annotators;
import io.github.controlnet.PipelineInfo;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.spi.AnnotatorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The models that the server has, named without folders of its disk.
 *
 * @param info what the pipeline says
 * @param base the base's name
 * @param controls the controls in the pipeline's order, that of a merged base too
 * @param controlNames their names
 * @param demonstration whether it is the bundled model
 */
record ServedModel(
    PipelineInfo info,
    String base,
    List<ControlModel> controls,
    List<String> controlNames,
    boolean demonstration) {
  static final String SEGMENTATION = "mini-segmentation";
  private static final String USUAL = "canny";
  private static final String NONE = "none";

  /** Returns the annotator that was made for a control, else the usual one. */
  String usualAnnotator(String control) {
    if (demonstration && control.equals(SEGMENTATION)) {
      return NONE;
    }
    String name = control.substring(control.lastIndexOf('/') + 1).replaceFirst("@.*", "");
    // Of several the plain one, not its variants: openpose, not openpose_full.
    return Annotators.all().stream()
        .filter(provider -> provider.controls().contains(name))
        .map(AnnotatorProvider::name)
        .min(Comparator.comparingInt(String::length))
        .orElseGet(ServedModel::usualAnnotator);
  }

  /** Returns the annotator that a page begins with. */
  static String usualAnnotator() {
    return Annotators.all().stream().anyMatch(provider -> provider.name().equals(USUAL))
        ? USUAL
        : NONE;
  }

  static ServedModel of(PipelineInfo info, List<ControlModel> controls, boolean demonstration) {
    List<String> names = new ArrayList<>();
    for (String control : info.controls()) {
      String name = name(control);
      String unique = name;
      for (int i = 2; names.contains(unique); i++) {
        unique = name + " " + i;
      }
      names.add(unique);
    }
    return new ServedModel(info, name(info.base()), controls, List.copyOf(names), demonstration);
  }

  /** The last part of a path without the ending of a weights file; an id of a hub as it is. */
  private static String name(String path) {
    if (path.matches("[\\w.-]+/[\\w.-]+(@[\\w.-]+)?") && !Files.exists(Path.of(path))) {
      return path;
    }
    String text = path.replace('\\', '/').replaceAll("/+$", "");
    return text.substring(text.lastIndexOf('/') + 1)
        .replaceFirst("\\.(safetensors|ckpt|pth|pt|bin)$", "");
  }
}
