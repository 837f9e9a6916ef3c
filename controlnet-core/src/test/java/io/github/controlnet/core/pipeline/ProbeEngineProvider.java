package io.github.controlnet.core.pipeline;

import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlSpec;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.DenoiserSpec;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.spi.EngineProvider;
import io.github.controlnet.tck.gaussian.GaussianEngine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Opens Gaussian engines that tell the running test what happens inside them. */
public final class ProbeEngineProvider implements EngineProvider {
  /** The service loader makes the provider, so the test and its engine meet here. */
  private static volatile Probe current = new Probe();

  public static Probe fresh() {
    current = new Probe();
    return current;
  }

  @Override
  public String name() {
    return "probe";
  }

  @Override
  public Engine open(EngineOptions options) {
    current.made.add("engine");
    return new InParts(new GaussianEngine(current), current);
  }

  /** What happened inside an engine. */
  public static final class Probe implements GaussianEngine.Probe {
    public final Set<Object> openHandles = Collections.synchronizedSet(new HashSet<>());
    public final Set<String> resident = Collections.synchronizedSet(new HashSet<>());
    public final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    public final List<String> loads = Collections.synchronizedList(new ArrayList<>());
    public final List<String> made = Collections.synchronizedList(new ArrayList<>());
    public final AtomicInteger denoiserRuns = new AtomicInteger();
    public volatile Consumer<String> onCall = network -> {};
    public volatile int mostImages = Integer.MAX_VALUE;

    @Override
    public void running(String network) {
      calls.add(network);
      onCall.accept(network);
    }

    @Override
    public void opened(Object handle) {
      openHandles.add(handle);
      if (handle instanceof Denoiser.Run) {
        denoiserRuns.incrementAndGet();
      }
    }

    @Override
    public void closed(Object handle) {
      openHandles.remove(handle);
    }

    @Override
    public void residency(String network, boolean isResident) {
      if (isResident) {
        resident.add(network);
        loads.add(network);
      } else {
        resident.remove(network);
      }
    }

    long count(String network) {
      return calls.stream().filter(network::equals).count();
    }
  }

  /** An engine that is asked about no more images at once than the test says. */
  private record InParts(Engine engine, Probe probe) implements Engine {
    @Override
    public int imagesAtOnce(LatentShape shape) {
      return Math.min(shape.images(), probe.mostImages);
    }

    @Override
    public Precision precision() {
      return engine.precision();
    }

    @Override
    public Map<String, String> versions() {
      return engine.versions();
    }

    @Override
    public TextEncoder textEncoder(TextEncoderSpec spec, WeightSource weights) {
      probe.made.add("text");
      return engine.textEncoder(spec, weights);
    }

    @Override
    public Denoiser denoiser(DenoiserSpec spec, WeightSource weights) {
      probe.made.add("denoiser");
      return engine.denoiser(spec, weights);
    }

    @Override
    public ControlNetwork controlNetwork(ControlSpec spec, WeightSource weights) {
      probe.made.add("control");
      return engine.controlNetwork(spec, weights);
    }

    @Override
    public Autoencoder autoencoder(AutoencoderSpec spec, WeightSource weights) {
      probe.made.add("autoencoder");
      return engine.autoencoder(spec, weights);
    }

    @Override
    public void close() {
      probe.made.remove("engine");
      engine.close();
    }
  }
}
