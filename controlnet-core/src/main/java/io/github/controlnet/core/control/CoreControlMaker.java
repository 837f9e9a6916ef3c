package io.github.controlnet.core.control;

import io.github.controlnet.core.export.BaseExport;
import io.github.controlnet.core.export.ControlExport;
import io.github.controlnet.core.export.WriteOptions;
import io.github.controlnet.core.hub.ModelFolders;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.core.weights.UNetWeights;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.ExportOptions;
import io.github.controlnet.model.NewControl;
import io.github.controlnet.spi.ControlMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes controls from files to files. */
public final class CoreControlMaker implements ControlMaker {
  private static final int PIXELS_PER_LATENT = 8;

  /** Creates the maker; called by {@link java.util.ServiceLoader}. */
  public CoreControlMaker() {}

  @Override
  public void create(BaseModel base, Path out, NewControl control, ExportOptions options) {
    Path path = ModelFolders.of(base);
    requireOther(out, path, "base");
    try (UNetWeights unet = UNetWeights.open(path, base.config())) {
      UntrainedControl made =
          UntrainedControl.of(
              unet.architecture(),
              unet.weights(),
              control.withHintWidths(
                  hintWidths(path, control.hintWidths(), unet.pixelsPerLatent())));
      WriteOptions write = writeOptions(options, Optional.of(DType.F32));
      write(out, made.architecture(), made.weights(), path, base, options, write);
    }
  }

  private static List<Integer> hintWidths(Path base, List<Integer> asked, OptionalInt factor) {
    int pixels = factor.orElse(PIXELS_PER_LATENT);
    int stages = Integer.numberOfTrailingZeros(pixels) + 1;
    if (asked.isEmpty()) {
      List<Integer> usual = UntrainedControl.usualHintWidths(pixels);
      if (usual.isEmpty()) {
        throw new InvalidRequestException(
            "A latent of %s stands for %d x %d pixels, which takes a hint block of %d widths; name them."
                .formatted(base, pixels, pixels, stages));
      }
      return usual;
    }
    if (asked.size() != stages) {
      throw new InvalidRequestException(
          ("The hint block has %d widths, %s, and makes the picture %d times smaller; a latent of"
                  + " %s stands for %d x %d pixels, which takes %d widths.")
              .formatted(
                  asked.size(), asked, 1 << (asked.size() - 1), base, pixels, pixels, stages));
    }
    return asked;
  }

  @Override
  public void transfer(
      ControlModel control, BaseModel from, BaseModel to, Path out, ExportOptions options) {
    Path controlPath = ModelFolders.of(control);
    Path fromPath = ModelFolders.of(from);
    Path toPath = ModelFolders.of(to);
    requireOther(out, controlPath, "control");
    requireOther(out, fromPath, "old base");
    requireOther(out, toPath, "new base");
    try (UNetWeights oldBase = UNetWeights.open(fromPath, from.config());
        UNetWeights newBase = UNetWeights.open(toPath, to.config());
        ControlWeights old =
            ControlWeights.open(controlPath, control.config(), Optional.of(oldBase.baseUNet()))) {
      WeightSource moved =
          TransferredWeights.of(old.weights(), oldBase.weights(), newBase.weights());
      WriteOptions write = writeOptions(options, commonType(old.weights()));
      write(out, old.architecture(), moved, toPath, to, options, write);
    }
  }

  private static void write(
      Path out,
      ControlNetSpec control,
      WeightSource weights,
      Path basePath,
      BaseModel base,
      ExportOptions options,
      WriteOptions write) {
    if (!options.withBase()) {
      ControlExport.write(out, control, weights, options.layout(), write);
      return;
    }
    try (BaseWeights whole = BaseWeights.open(basePath, base.config())) {
      BaseExport.of(whole).withControl(control, weights).write(out, options.layout(), write);
    }
  }

  /**
   * @param own the control's number type, which is kept when none is asked for
   */
  private static WriteOptions writeOptions(ExportOptions options, Optional<DType> own) {
    Optional<DType> type =
        switch (options.precision()) {
          case FLOAT32 -> Optional.of(DType.F32);
          case FLOAT16 -> Optional.of(DType.F16);
          case BFLOAT16 -> Optional.of(DType.BF16);
          case AUTO -> options.withBase() ? Optional.empty() : own;
        };
    WriteOptions write =
        WriteOptions.defaults()
            .withOverwrite(options.overwrite())
            .withCancellation(options.cancellation());
    return type.isPresent() ? write.withDtype(type.get()) : write;
  }

  private static Optional<DType> commonType(WeightSource weights) {
    Set<DType> types =
        weights.tensors().values().stream()
            .map(WeightSource.TensorInfo::dtype)
            .collect(Collectors.toSet());
    return types.equals(Set.of(DType.F16)) || types.equals(Set.of(DType.BF16))
        ? Optional.of(types.iterator().next())
        : Optional.of(DType.F32);
  }

  /** Replacing a model while it is read would lose it when anything goes wrong. */
  private static void requireOther(Path out, Path in, String what) {
    try {
      if (Files.exists(out) && Files.isSameFile(out, in)) {
        throw new InvalidRequestException(
            "%s is the %s itself, which is read. Choose another place for the new model."
                .formatted(out, what));
      }
      Path target = out.toAbsolutePath().normalize();
      Path source = in.toAbsolutePath().normalize();
      if (source.startsWith(target)) {
        throw new InvalidRequestException(
            "%s holds the %s %s, which is read. Choose another place for the new model."
                .formatted(out, what, in));
      }
      if (Files.exists(out) && target.startsWith(source)) {
        throw new InvalidRequestException(
            "%s is a part of the %s %s, which is read. Choose another place for the new model."
                .formatted(out, what, in));
      }
    } catch (IOException e) {
      throw new InvalidRequestException(
          "It cannot be told whether %s is the %s: %s.".formatted(out, what, e), e);
    }
  }
}
