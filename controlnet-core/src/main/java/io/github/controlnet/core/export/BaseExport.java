package io.github.controlnet.core.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.family.Section;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.models.UNet;
import io.github.controlnet.core.tensors.JoinedWeights;
import io.github.controlnet.core.tensors.Shapes;
import io.github.controlnet.core.weights.AssumedSizes;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.TinyAutoencoderSpec;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.ModelLayout;
import io.github.controlnet.sampler.NoiseSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a whole base model so that diffusers or the original code opens it: with the U-Net that
 * training has changed, and with a control when there is one (the merged files of ControlNet 1.0).
 */
public final class BaseExport {
  private static final List<String> TOKENIZER =
      List.of(
          "vocab.json",
          "merges.txt",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "tokenizer.json");

  private final BaseWeights base;
  private final WeightSource unet;
  private final Optional<Control> control;

  private BaseExport(BaseWeights base, WeightSource unet, Optional<Control> control) {
    this.base = base;
    this.unet = unet;
    this.control = control;
  }

  private record Control(ControlNetSpec architecture, WeightSource weights) {}

  /**
   * Exports a base as it is.
   *
   * @param base the open base
   * @return the export
   */
  public static BaseExport of(BaseWeights base) {
    return new BaseExport(base, base.unetWeights(), Optional.empty());
  }

  /**
   * Takes another U-Net of the same sizes.
   *
   * @param weights exactly the tensors of {@link UNet#shapes(UNetSpec)}
   * @return a new export
   * @throws WeightsException when tensors are missing or of other shapes
   */
  public BaseExport withUnet(WeightSource weights) {
    Shapes.requireExactly("The U-Net to write", UNet.shapes(base.unet()), weights);
    return new BaseExport(base, weights, control);
  }

  /**
   * Adds a control.
   *
   * @param architecture its sizes
   * @param weights exactly the tensors of {@link ControlNet#shapes(ControlNetSpec)}
   * @return a new export
   * @throws WeightsException when tensors are missing or of other shapes
   */
  public BaseExport withControl(ControlNetSpec architecture, WeightSource weights) {
    Shapes.requireExactly("The control to write", ControlNet.shapes(architecture), weights);
    return new BaseExport(base, unet, Optional.of(new Control(architecture, weights)));
  }

  /**
   * Writes the model: in diffusers' layout a folder of components, in the original's one file that
   * its {@code load_state_dict} takes with {@code strict=True}, with the tables of its noise
   * schedule too.
   *
   * @param out the folder or file; it appears whole or not at all
   * @param layout which layout
   * @param options number type, metadata, whether what is there is replaced
   * @throws WeightsException when the place is taken or too small, when it cannot be written, or
   *     when a value is too large for the number type
   * @throws GenerationCancelledException when it was cancelled
   */
  public void write(Path out, ModelLayout layout, WriteOptions options) {
    switch (layout) {
      case DIFFUSERS -> {
        Outputs.requireFolderName(out);
        AtomicOutput.folder(
            out,
            options.overwrite(),
            TensorCopy.bytes(TensorCopy.targets(original(), options)),
            folder -> writeFolder(folder, options.withOverwrite(true)));
      }
      case ORIGINAL -> {
        Outputs.requireWeightsName(out);
        if (base.autoencoder() instanceof TinyAutoencoderSpec) {
          throw new WeightsException(
              "%s cannot be written in the original layout, which has no place for a tiny autoencoder. Write the diffusers layout, or take the base with its own VAE."
                  .formatted(out));
        }
        WeightSource renamed = original();
        Map<String, TensorInfo> targets = TensorCopy.targets(renamed, options);
        // sampling would suffer from a schedule in 16 bits
        targets.putAll(OriginalSchedule.tables(base.noiseSchedule()).tensors());
        Outputs.original(out, renamed, targets, options, isUsual(), this::configs);
      }
    }
  }

  /** The tensors under the original's names. */
  private WeightSource original() {
    JoinedWeights.Builder all = JoinedWeights.builder();
    WeightSource schedule = OriginalSchedule.tables(base.noiseSchedule());
    all.add("", Map.of(), schedule);
    add(all, Role.UNET, unet);
    WeightSource autoencoder = base.autoencoderWeights();
    Section section = base.family().section(Role.AUTOENCODER);
    Map<String, String> names = section.names().original(autoencoder.tensors().keySet());
    autoencoder
        .tensors()
        .forEach(
            (name, info) -> {
              List<Long> shape = info.shape();
              if (name.contains(".attentions.") && shape.size() == 2) {
                // matrices there, 1 x 1 convolutions in the original
                shape = List.of(shape.get(0), shape.get(1), 1L, 1L);
              }
              all.add(section.prefix() + names.getOrDefault(name, name), autoencoder, name, shape);
            });
    add(all, Role.TEXT_ENCODER, base.textEncoderWeights());
    add(all, Role.TEXT_ENCODER, OriginalSchedule.positions(base.textEncoder().positions()));
    control.ifPresent(added -> add(all, Role.CONTROL, added.weights));
    return all.build();
  }

  private void add(JoinedWeights.Builder all, Role role, WeightSource weights) {
    Section section = base.family().section(role);
    all.add(section.prefix(), section.names().original(weights.tensors().keySet()), weights);
  }

  private void writeFolder(Path folder, WriteOptions options) throws IOException {
    Optional<Path> tokenizer = base.tokenizer();
    Outputs.config(
        folder.resolve("model_index.json"),
        DiffusersConfigs.pipeline(tokenizer.isPresent(), control.isPresent(), base.autoencoder()));
    Outputs.config(
        folder.resolve("scheduler/scheduler_config.json"),
        DiffusersConfigs.scheduler(base.noiseSchedule()));
    component(folder.resolve("unet"), unetConfig(), unet, options);
    component(folder.resolve("vae"), autoencoderConfig(), base.autoencoderWeights(), options);
    Path text = folder.resolve("text_encoder");
    Outputs.config(text.resolve("config.json"), DiffusersConfigs.textEncoder(base.textEncoder()));
    SafetensorsWriter.write(
        text.resolve("model.safetensors"),
        JoinedWeights.builder().add("text_model.", Map.of(), base.textEncoderWeights()).build(),
        options);
    if (control.isPresent()) {
      Control added = control.get();
      ControlExport.writeFolder(
          folder.resolve("controlnet"), added.architecture, added.weights, options);
    }
    if (tokenizer.isPresent()) {
      copyTokenizer(tokenizer.get(), folder.resolve("tokenizer"));
    }
  }

  private static void component(
      Path folder, ObjectNode config, WeightSource weights, WriteOptions options) {
    Outputs.config(folder.resolve("config.json"), config);
    SafetensorsWriter.write(
        folder.resolve("diffusion_pytorch_model.safetensors"), weights, options);
  }

  private static void copyTokenizer(Path from, Path to) throws IOException {
    for (String name : TOKENIZER) {
      Path file = from.resolve(name);
      if (Files.isRegularFile(file)) {
        AtomicOutput.file(
            to.resolve(name), true, Files.size(file), temporary -> Files.copy(file, temporary));
      }
    }
  }

  private ObjectNode unetConfig() {
    return DiffusersConfigs.unet(base.unet(), base.nativeSize() / base.autoencoder().factor());
  }

  private ObjectNode autoencoderConfig() {
    return DiffusersConfigs.autoencoder(base.autoencoder(), base.nativeSize());
  }

  /** Whether the weights of an original file alone are read as what they are. */
  private boolean isUsual() {
    NoiseSchedule schedule = base.noiseSchedule();
    NoiseSchedule usual = NoiseSchedule.stableDiffusion();
    return AssumedSizes.hold(base.unet(), unet)
        && AssumedSizes.hold(base.autoencoder(), base.autoencoderWeights())
        && AssumedSizes.hold(base.textEncoder(), base.textEncoderWeights())
        && DiffusersConfigs.scheduler(schedule).equals(DiffusersConfigs.scheduler(usual))
        && base.nativeSize() == 512
        && (control.isEmpty()
            || AssumedSizes.hold(control.get().architecture, control.get().weights));
  }

  private ObjectNode configs() {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    all.set("unet", unetConfig());
    control.ifPresent(added -> all.set("controlnet", DiffusersConfigs.control(added.architecture)));
    all.set("vae", autoencoderConfig());
    all.set("text_encoder", DiffusersConfigs.textEncoder(base.textEncoder()));
    all.set("scheduler", DiffusersConfigs.scheduler(base.noiseSchedule()));
    return all;
  }
}
