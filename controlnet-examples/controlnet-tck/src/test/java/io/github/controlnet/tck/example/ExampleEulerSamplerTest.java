package io.github.controlnet.tck.example;

import io.github.controlnet.tck.SamplerTck;

class ExampleEulerSamplerTest extends SamplerTck {

  @Override
  protected String samplerName() {
    return "example_euler";
  }

  // A first-order method in few large steps is off by more than the usual 0.03.
  @Override
  protected double tolerance() {
    return 0.05;
  }
}
