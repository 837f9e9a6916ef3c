package io.github.controlnet.web;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Tells that the server works, and how busy it is. */
@Component("controlnet")
final class QueueHealth implements HealthIndicator {
  private final JobQueue queue;
  private final ServedModel model;

  QueueHealth(JobQueue queue, ServedModel model) {
    this.queue = queue;
    this.model = model;
  }

  @Override
  public Health health() {
    return (queue.isWorking() ? Health.up() : Health.down())
        .withDetail("model", model.base())
        .withDetail("running", queue.running().isPresent())
        .withDetail("waiting", queue.waiting())
        .build();
  }
}
