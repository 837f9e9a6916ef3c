package io.github.controlnet.core.torch;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.controlnet.core.torch.ScriptSource.Segment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A module that never holds all its weights: each call reads them from where they are stored,
 * segment by segment, and lets them go again.
 */
final class StreamedModule extends ScriptModule {
  private final ScriptSource script;
  private @Nullable WeightLoader loader;

  StreamedModule(PtNDManager parent, ScriptSource script) {
    super(parent, script.text());
    this.script = script;
  }

  /** Says where the weights are from now on. */
  void readFrom(WeightLoader from) {
    loader = from;
  }

  @Override
  IValue run(String method, IValue... arguments) {
    List<Segment> segments = script.segments().get(method);
    return segments == null ? super.run(method, arguments) : inSegments(segments, arguments);
  }

  private IValue inSegments(List<Segment> segments, IValue... arguments) {
    try (WeightLoader.Groups groups =
        Objects.requireNonNull(loader)
            .groups(this, segments.stream().map(Segment::weights).toList())) {
      groups.load();
      IValue live = super.run(segments.get(0).method(), arguments);
      for (Segment segment : segments.subList(1, segments.size())) {
        try (IValue handed = live) {
          clear();
          groups.load();
          live = super.run(segment.method(), Arguments.with(arguments, handed));
        }
      }
      return live;
    } finally {
      clear();
      // the C library keeps what is free between blocks of other sizes; after each segment it would
      // cost a third more time
      NativeSettings.trim();
    }
  }
}
