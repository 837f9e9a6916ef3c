package io.github.controlnet.cli;

import io.github.controlnet.sampler.NoiseSchedule;
import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.sampler.SamplerRun;
import io.github.controlnet.sampler.SamplingOptions;
import io.github.controlnet.spi.SamplerProvider;
import java.util.List;

/** Two samplers that have names and nothing else. */
public final class FakeSamplers implements SamplerProvider {
  private record Named(String name) implements Sampler {
    @Override
    public SamplerRun start(NoiseSchedule schedule, SamplingOptions options) {
      throw new UnsupportedOperationException("only a name");
    }
  }

  @Override
  public List<Sampler> samplers() {
    return List.of(new Named("ddim"), new Named("another"));
  }
}
