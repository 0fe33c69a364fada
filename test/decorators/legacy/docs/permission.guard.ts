import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { admit, declarationOf } from 'express-app-roles/decorators';

@Injectable()
export class PermissionGuard implements CanActivate, OnApplicationBootstrap {
  @Inject(DiscoveryService) private readonly discovery!: DiscoveryService;
  @Inject(MetadataScanner) private readonly scanner!: MetadataScanner;
  @Inject(Reflector) private readonly reflector!: Reflector;

  /** Before every handler: resolves where it may run, rejects with the refusal where it may not. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    await admit(http.getRequest(), http.getResponse(), context.getHandler(), context.getClass());
    return true;
  }

  /** At the start: what assertDeclared does for routes of Express. */
  onApplicationBootstrap(): void {
    for (const { metatype } of this.discovery.getControllers()) {
      if (typeof metatype !== 'function') continue;
      for (const name of this.scanner.getAllMethodNames(metatype.prototype)) {
        const method = metatype.prototype[name];
        const isRoute = this.reflector.get('path', method) !== undefined;
        if (isRoute && declarationOf(method, metatype) === undefined) {
          throw new Error(`${metatype.name}.${name} is not declared. Give it @Allow(…) or @Public().`);
        }
      }
    }
  }
}
