package io.github.controlnet.core.scheduler;

import io.github.controlnet.tck.SchedulerTck;

class DdimSchedulerTckTest extends SchedulerTck {
  @Override
  protected String schedulerName() {
    return "ddim";
  }
}
