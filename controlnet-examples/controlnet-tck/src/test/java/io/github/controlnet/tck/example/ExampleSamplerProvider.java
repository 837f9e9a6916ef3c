package io.github.controlnet.tck.example;

import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.spi.SamplerProvider;
import java.util.List;

// Brings the sampler to the class path.
public final class ExampleSamplerProvider implements SamplerProvider {

  @Override
  public List<Sampler> samplers() {
    return List.of(new ExampleEulerSampler());
  }
}
