package io.github.controlnet.core.family.toy;

import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlSpec;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.DenoiserSpec;
import io.github.controlnet.engine.EncodedText;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TextBatch;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.spi.EngineProvider;
import io.github.controlnet.tck.gaussian.GaussianEngine;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Opens Gaussian engines and remembers what their networks are told. */
public final class WatchedEngineProvider implements EngineProvider {
  static final List<Conditioning> CONDITIONINGS = new CopyOnWriteArrayList<>();
  static final List<TextBatch> TEXTS = new CopyOnWriteArrayList<>();

  @Override
  public String name() {
    return "watched";
  }

  @Override
  public Engine open(EngineOptions options) {
    return new Watched(new GaussianEngine(GaussianEngine.Probe.NONE));
  }

  private record Watched(Engine engine) implements Engine {
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
      return new WatchedText(engine.textEncoder(spec, weights));
    }

    @Override
    public Denoiser denoiser(DenoiserSpec spec, WeightSource weights) {
      return new WatchedDenoiser(engine.denoiser(spec, weights));
    }

    @Override
    public ControlNetwork controlNetwork(ControlSpec spec, WeightSource weights) {
      return engine.controlNetwork(spec, weights);
    }

    @Override
    public Autoencoder autoencoder(AutoencoderSpec spec, WeightSource weights) {
      return engine.autoencoder(spec, weights);
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  private record WatchedText(TextEncoder encoder) implements TextEncoder {
    @Override
    public EncodedText encode(TextBatch batch) {
      TEXTS.add(batch);
      return encoder.encode(batch);
    }

    @Override
    public void load() {
      encoder.load();
    }

    @Override
    public void release() {
      encoder.release();
    }

    @Override
    public boolean isResident() {
      return encoder.isResident();
    }

    @Override
    public void close() {
      encoder.close();
    }
  }

  private record WatchedDenoiser(Denoiser denoiser) implements Denoiser {
    @Override
    public Run start(LatentShape shape, Conditioning conditioning) {
      CONDITIONINGS.add(conditioning);
      return denoiser.start(shape, conditioning);
    }

    @Override
    public void load() {
      denoiser.load();
    }

    @Override
    public void release() {
      denoiser.release();
    }

    @Override
    public boolean isResident() {
      return denoiser.isResident();
    }

    @Override
    public void close() {
      denoiser.close();
    }
  }
}
