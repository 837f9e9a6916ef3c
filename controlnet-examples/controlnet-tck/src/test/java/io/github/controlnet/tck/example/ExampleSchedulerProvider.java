package io.github.controlnet.tck.example;

import io.github.controlnet.sampler.Sampler;
import io.github.controlnet.spi.SamplerProvider;
import java.util.List;

// Brings the scheduler to the class path.
public final class ExampleSchedulerProvider implements SamplerProvider {

  @Override
  public List<Sampler> schedulers() {
    return List.of(new ExampleEulerScheduler());
  }
}
