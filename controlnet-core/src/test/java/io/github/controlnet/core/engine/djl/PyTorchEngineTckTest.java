package io.github.controlnet.core.engine.djl;

import io.github.controlnet.tck.EngineTck;

class PyTorchEngineTckTest extends EngineTck {
  @Override
  protected Model open() {
    return new TinyModel();
  }
}
