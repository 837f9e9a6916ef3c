package io.github.controlnet.core.models;

import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Method;
import io.github.controlnet.core.nn.Operand.Symbol;
import io.github.controlnet.core.nn.Shape;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.UNetSpec;

/**
 * A ControlNet that learns to steer a U-Net: both in one network, told apart by a scope.
 *
 * @param unetSpec the U-Net's sizes
 * @param controlSpec the control's sizes
 * @param absolute whether the loss is the mean absolute error instead of the mean square
 * @param onlyMiddle whether the control acts on the middle alone
 */
public record ControlTraining(
    UNetSpec unetSpec, ControlNetSpec controlSpec, boolean absolute, boolean onlyMiddle) {
  /** The scope of the U-Net's weights. */
  public static final String UNET = "unet";

  /** The scope of the control's weights. */
  public static final String CONTROL = "control";

  /** The loss of a batch. */
  public static final Signature LOSS =
      Signature.of(
          "accumulate",
          Signature.tensor("latents"),
          Signature.tensor("timestep"),
          Signature.tensor("states"),
          Signature.tensor("hint"),
          Signature.tensor("target"),
          Signature.tensor("weight"));

  /** The network with its method, which returns the mean of each image's loss times its weight. */
  public Graph graph() {
    Graph graph = new Graph();
    Method method = graph.method(LOSS);
    UNet unet = UNet.of(graph.scope().at(UNET), unetSpec);
    ControlNet control = ControlNet.of(graph.scope().at(CONTROL), controlSpec);
    method.result(loss(method, predicted(method, unet, control)));
    return graph;
  }

  private Value predicted(Method method, UNet unet, ControlNet control) {
    Value timestep = method.input("timestep", Shape.OPEN);
    Value states =
        method.input("states", Shape.OPEN, Shape.OPEN, unetSpec.contextWidth()).toDevice();
    Value latents = method.input("latents", UNet.latents(unetSpec)).image();

    Pass steered = Pass.ofStates(method, unet.trunk().time().apply(timestep), states);
    Value first = unet.trunk().in().apply(latents);
    Value encoded = unet.trunk().middle(unet.trunk().encode(first, steered), steered);
    method.cut();

    Value hint = control.embedded(method.input("hint"));
    Pass steering = Pass.ofStates(method, control.trunk().time().apply(timestep), states);
    Value middle = control.middleResidual(control.encode(latents, hint, steering));
    method.cut();
    return unet.decode(
        encoded,
        steered,
        (x, index) -> {
          if (index == unetSpec.sites().size() - 1) {
            return x.plus(middle);
          }
          return onlyMiddle ? x : x.plus(control.residual(steering, index));
        });
  }

  private Value loss(Method method, Value prediction) {
    Value target = method.input("target").toDevice(Symbol.FLOAT32);
    Value error = prediction.to(Symbol.FLOAT32).minus(target);
    Value each = (absolute ? error.abs() : error.square()).flatMean(1, 2, 3);
    return each.times(method.input("weight").toDevice(Symbol.FLOAT32)).mean();
  }
}
