package io.github.controlnet.core.pipeline.load;

import io.github.controlnet.PipelineConfig;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.lora.AdaptedWeights;
import io.github.controlnet.core.lora.AdaptedWeights.Term;
import io.github.controlnet.core.pipeline.load.Shared.Lease;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.model.Lora;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Opened LoRAs that act together. */
public final class LoraSet implements AutoCloseable {
  private final List<Path> files;
  private final List<Entry> entries;
  private final Closing leases;

  private record Entry(Lease<LoadedLora> lease, Lora lora) {
    Path path() {
      return lease.get().path();
    }
  }

  private LoraSet(List<Path> files, List<Entry> entries, Closing leases) {
    this.files = files;
    this.entries = entries;
    this.leases = leases;
  }

  /**
   * Opens LoRAs, or takes part in those that are open.
   *
   * @param base what they change
   * @param loras may be none, or one several times, which adds its scales
   * @return the set; the caller closes it
   * @throws io.github.controlnet.exception.ControlNetException when one cannot be fetched or read,
   *     or does not fit the base
   */
  public static LoraSet open(LoadedBase base, PipelineConfig config, List<Lora> loras) {
    return Closing.opening(
        leases -> {
          List<Entry> entries = new ArrayList<>();
          for (Lora lora : loras) {
            entries.add(new Entry(leases.add(LoadedLora.lease(base, config, lora)), lora));
          }
          List<Path> files = entries.stream().map(Entry::path).toList();
          // the order in which they were named does not show in the last bit
          entries.sort(
              Comparator.comparing(Entry::path)
                  .thenComparing(entry -> entry.lora().unetScale())
                  .thenComparing(entry -> entry.lora().textScale()));
          return new LoraSet(files, List.copyOf(entries), leases);
        });
  }

  /** Takes another part in the same open files; the caller closes that too. */
  LoraSet again() {
    return Closing.opening(
        more ->
            new LoraSet(
                files,
                entries.stream()
                    .map(entry -> new Entry(more.add(entry.lease().again()), entry.lora()))
                    .toList(),
                more));
  }

  /** The weights of one of the base's components with all changes. */
  AdaptedWeights adapt(WeightSource base, Role role) {
    return new AdaptedWeights(
        base,
        role,
        entries.stream()
            .map(
                entry ->
                    new Term(
                        entry.lease().get().changes(),
                        role == Role.UNET ? entry.lora().unetScale() : entry.lora().textScale()))
            .toList());
  }

  /**
   * Returns where they are.
   *
   * @return a file for each, in the order in which they were named
   */
  public List<Path> files() {
    return files;
  }

  /** Gives the parts back. Closing twice does nothing. */
  @Override
  public void close() {
    leases.close();
  }
}
