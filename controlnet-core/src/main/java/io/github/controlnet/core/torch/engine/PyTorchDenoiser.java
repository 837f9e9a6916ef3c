package io.github.controlnet.core.torch.engine;

import ai.djl.pytorch.engine.PtNDArray;
import io.github.controlnet.core.models.UNet;
import io.github.controlnet.core.torch.Arguments;
import io.github.controlnet.core.torch.Inputs;
import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlSignal;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.WeightSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The U-Net in a script module. */
final class PyTorchDenoiser extends ScriptComponent implements Denoiser {
  private final UNetSpec architecture;

  PyTorchDenoiser(PyTorchEngine engine, UNetSpec architecture, WeightSource weights) {
    super(
        engine,
        "The U-Net",
        weights,
        () -> engine.runtime().target().lower(UNet.graph(architecture)));
    this.architecture = architecture;
  }

  @Override
  public Run start(LatentShape shape, Conditioning conditioning) {
    Inputs.checkShape(shape, architecture.inChannels());
    int branches = conditioning.branches().size();
    List<Integer> all = IntStream.range(0, branches).boxed().toList();
    long[] rows = Inputs.rows(shape, conditioning, all, architecture);
    long[] perturbed = conditioning.perturbed().stream().mapToLong(Integer::longValue).toArray();
    return with(
        module -> {
          try (Arguments text = module.arguments(UNet.CONTEXT)) {
            Inputs.add(text.at("states"), conditioning.text());
            text.at("rows").longs(rows, rows.length);
            return new DenoiserRun(
                shape,
                branches,
                perturbed,
                new Tensors(engine, "The U-Net run's tensors", module.tensors(text)));
          }
        });
  }

  /** Holds keys and values of every cross-attention. */
  private final class DenoiserRun implements Run {
    private final LatentShape shape;
    private final int branches;
    private final long[] perturbed;
    private final Tensors context;

    DenoiserRun(LatentShape shape, int branches, long[] perturbed, Tensors context) {
      this.shape = shape;
      this.branches = branches;
      this.perturbed = perturbed;
      this.context = context;
    }

    @Override
    public float[] predict(float[] latents, double timestep, List<ControlSignal> controls) {
      Inputs.checkLength("The latents", latents, shape.size());
      Inputs.checkTimestep(timestep);
      List<ControlSignal> active = controls.stream().filter(DenoiserRun::acts).toList();
      long[] rows = new long[active.size() * branches];
      double[] scales = new double[rows.length * architecture.sites().size()];
      for (int i = 0; i < active.size(); i++) {
        place(active.get(i), i, rows, scales);
      }
      return with(
          module -> {
            // what the controls left behind makes room for the larger network
            engine.runtime().trimHost();
            List<PtNDArray> residuals = new ArrayList<>();
            for (ControlSignal signal : active) {
              residuals.addAll(PyTorchControlResiduals.of(signal.residuals()).tensors());
            }
            try (Arguments arguments = module.arguments(UNet.PREDICT)) {
              arguments
                  .at("latents")
                  .floats(latents, shape.images(), shape.channels(), shape.height(), shape.width());
              arguments.at("timestep").real(timestep);
              arguments.at("branches").whole(branches);
              arguments.at("context").tensors(context.get());
              arguments.at("residuals").tensors(residuals);
              arguments.at("rows").wholes(rows);
              arguments.at("scales").reals(scales);
              arguments.at("perturbed").wholes(perturbed);
              return module.floats(arguments);
            }
          });
    }

    private static boolean acts(ControlSignal signal) {
      return signal.scales().stream().flatMap(List::stream).anyMatch(scale -> scale != 0);
    }

    /** Puts one signal into rows [control][branch] and scales [control][residual][branch]. */
    private void place(ControlSignal signal, int control, long[] rows, double[] scales) {
      PyTorchControlResiduals residuals = PyTorchControlResiduals.of(signal.residuals());
      check(signal, residuals);
      Arrays.fill(rows, control * branches, (control + 1) * branches, -1);
      for (int row = 0; row < residuals.branches().size(); row++) {
        int branch = residuals.branches().get(row);
        rows[control * branches + branch] = row;
        for (int i = 0; i < residuals.count(); i++) {
          scales[(control * residuals.count() + i) * branches + branch] =
              signal.scales().get(row).get(i);
        }
      }
    }

    private void check(ControlSignal signal, PyTorchControlResiduals residuals) {
      if (residuals.count() != architecture.sites().size()
          || residuals.shape().images() != shape.images()
          || residuals.shape().height() != shape.height()
          || residuals.shape().width() != shape.width()
          || residuals.branches().get(residuals.branches().size() - 1) >= branches) {
        throw new IllegalArgumentException(
            "%d residuals for latents %s and branches %s do not fit a run with %d residuals, latents %s and %d branches."
                .formatted(
                    residuals.count(),
                    residuals.shape(),
                    residuals.branches(),
                    architecture.sites().size(),
                    shape,
                    branches));
      }
      boolean complete =
          signal.scales().size() == residuals.branches().size()
              && signal.scales().stream().allMatch(row -> row.size() == residuals.count());
      if (!complete || !signal.scales().stream().flatMap(List::stream).allMatch(Double::isFinite)) {
        throw new IllegalArgumentException(
            "The control scales are %s; expected %d finite numbers for each of %d branches."
                .formatted(signal.scales(), residuals.count(), residuals.branches().size()));
      }
    }

    @Override
    public void close() {
      context.close();
    }
  }
}
