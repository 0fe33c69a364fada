import { type INestApplication, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { authenticate, type TestAuthority } from 'express-app-roles';
import { leftToGuard } from 'express-app-roles/decorators';
import { permissions } from '../../permissions.js';
import { NotesController } from './notes.controller.js';
import { PermissionGuard } from './permission.guard.js';
import { ProblemFilter } from './problem.filter.js';

@Module({
  imports: [DiscoveryModule],
  controllers: [NotesController],
  providers: [
    { provide: APP_GUARD, useClass: PermissionGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class AppModule {}

/** After NestFactory.create, before listen. */
export function protect(
  app: INestApplication,
  entra: { tenant: string; clientId: string; testAuthority?: TestAuthority },
) {
  app.use(authenticate({ ...entra, permissions }), leftToGuard());
}
