package io.github.controlnet.core.torch.engine;

import io.github.controlnet.tck.EngineTck;

class PyTorchEngineTckTest extends EngineTck {
  @Override
  protected Model open() {
    return new TinyModel();
  }
}
