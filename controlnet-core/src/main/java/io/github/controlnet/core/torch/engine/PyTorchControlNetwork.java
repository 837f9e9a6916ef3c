package io.github.controlnet.core.torch.engine;

import ai.djl.pytorch.engine.PtNDArray;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.torch.Arguments;
import io.github.controlnet.core.torch.Inputs;
import io.github.controlnet.core.torch.ScriptModule;
import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlMask;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlResiduals;
import io.github.controlnet.engine.Hint;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.WeightSource;
import java.util.ArrayList;
import java.util.List;

/** A ControlNet in a script module. */
final class PyTorchControlNetwork extends ScriptComponent implements ControlNetwork {
  private final ControlNetSpec architecture;

  PyTorchControlNetwork(PyTorchEngine engine, ControlNetSpec architecture, WeightSource weights) {
    super(
        engine,
        "The ControlNet",
        weights,
        () -> engine.runtime().target().lower(ControlNet.graph(architecture)));
    this.architecture = architecture;
  }

  @Override
  public Run start(
      LatentShape shape, Conditioning conditioning, List<Integer> branches, Hint hint) {
    Inputs.checkShape(shape, architecture.trunk().inChannels());
    checkHint(shape, hint);
    List<Integer> active = List.copyOf(branches);
    long[] rows = Inputs.rows(shape, conditioning, active, architecture.trunk());
    return with(
        module -> {
          List<PtNDArray> prepared = new ArrayList<>();
          try (Arguments picture = module.arguments(ControlNet.EMBED);
              Arguments text = module.arguments(ControlNet.CONTEXT)) {
            picture
                .at("pixels")
                .floats(hint.values(), 1, hint.channels(), hint.height(), hint.width());
            prepared.add(module.tensor(picture));
            hint.mask().ifPresent(mask -> place(mask, shape, module, prepared));
            Inputs.add(text.at("states"), conditioning.text());
            text.at("rows").longs(rows, rows.length);
            prepared.addAll(module.tensors(text));
          } catch (RuntimeException e) {
            prepared.forEach(PtNDArray::close);
            throw e;
          }
          return new ControlRun(
              shape,
              active,
              hint.mask().isPresent() ? levels() : 0,
              new Tensors(engine, "The control run's tensors", prepared));
        });
  }

  private int levels() {
    return architecture.trunk().levels().size();
  }

  /** Brings a mask to the size of each level. */
  private void place(
      ControlMask mask, LatentShape shape, ScriptModule module, List<PtNDArray> prepared) {
    int rows = shape.height();
    int columns = shape.width();
    for (int level = 0; level < levels(); level++) {
      try (Arguments grid = module.arguments(ControlNet.PLACE)) {
        grid.at("grid").floats(mask.resized(rows, columns), 1, 1, rows, columns);
        prepared.add(module.tensor(grid));
      }
      rows = (rows + 1) / 2;
      columns = (columns + 1) / 2;
    }
  }

  private void checkHint(LatentShape shape, Hint hint) {
    int factor = ControlNet.factor(architecture);
    if (hint.channels() != architecture.hintChannels()
        || hint.height() != factor * shape.height()
        || hint.width() != factor * shape.width()) {
      throw new IllegalArgumentException(
          "The hint is [%d, %d, %d]; expected [%d, %d, %d] for latents of %d rows and %d columns."
              .formatted(
                  hint.channels(),
                  hint.height(),
                  hint.width(),
                  architecture.hintChannels(),
                  factor * shape.height(),
                  factor * shape.width(),
                  shape.height(),
                  shape.width()));
    }
  }

  /** Holds the embedded hint, the mask's grids, then keys and values of every cross-attention. */
  private final class ControlRun implements Run {
    private final LatentShape shape;
    private final List<Integer> branches;
    private final int grids;
    private final Tensors prepared;

    ControlRun(LatentShape shape, List<Integer> branches, int grids, Tensors prepared) {
      this.shape = shape;
      this.branches = branches;
      this.grids = grids;
      this.prepared = prepared;
    }

    @Override
    public ControlResiduals residuals(float[] latents, double timestep) {
      Inputs.checkLength("The latents", latents, shape.size());
      Inputs.checkTimestep(timestep);
      return with(
          module -> {
            List<PtNDArray> tensors = prepared.get();
            try (Arguments arguments = module.arguments(ControlNet.RESIDUALS)) {
              arguments
                  .at("latents")
                  .floats(latents, shape.images(), shape.channels(), shape.height(), shape.width());
              arguments.at("timestep").real(timestep);
              arguments.at("branches").whole(branches.size());
              arguments.at("context").tensors(tensors.subList(1 + grids, tensors.size()));
              arguments.at("hint").tensor(tensors.get(0));
              arguments.at("region").tensors(tensors.subList(1, 1 + grids));
              return new PyTorchControlResiduals(
                  shape, branches, new Tensors(engine, "The residuals", module.tensors(arguments)));
            }
          });
    }

    @Override
    public void close() {
      prepared.close();
    }
  }
}
